-- One row per part of the videos, policy and capacity. Part 0 is all videos, parts 1 to 20 are hashed twentieths, whose
-- spread gives the intervals in agg_queue_coverage. Every labelled video that training read takes part, with the
-- probability of a fit that did not see it.
{% set part_total = 20 %}
{% set step_total = 20 %}

with

feature_set_probabilities as (

    select
        video_id,
        max(case when feature_set = 'metadata' then claim_probability end) as metadata_probability,
        max(case when feature_set = 'transcript' then claim_probability end) as transcript_probability
    from {{ source('ml', 'held_out_predictions') }}
    group by video_id

),

policy as (

    {{ policy_in_force() }}

),

known as (

    {{ labelled_videos_as_cases() }}

),

-- Arrival order is hashed: the order of a delivered file can give the label away.
evaluated as (

    select
        cast(case when known.is_claim then 1 else 0 end as bigint) as claim_count,
        case when known.is_claim then coalesce(known.video_view_count, 0) else 0 end as claim_view_count,
        known.reach,
        known.claim_probability,
        {{ policy_score('known', 'policy') }} as priority,
        feature_set_probabilities.metadata_probability,
        feature_set_probabilities.transcript_probability,
        md5('arrival ' || cast(known.video_id as string)) as arrival,
        cast(ntile({{ part_total }}) over (order by md5('part ' || cast(known.video_id as string))) as bigint)
            as part_number
    from known
    inner join feature_set_probabilities on known.video_id = feature_set_probabilities.video_id
    cross join policy

),

capacities as (

    {{ whole_numbers(1, step_total, 'step_number') }}

),

parts as (

    {{ whole_numbers(0, part_total, 'part_number') }}

),

-- The first step at which a video is reviewed: step k covers the first k/20 of the videos.
stepped as (

    select
        parts.part_number,
        policies.policy,
        evaluated.claim_count,
        evaluated.claim_view_count,
        ceil(
            cast({{ step_total }} as double)
            * row_number()
                over (
                    partition by parts.part_number, policies.policy
                    order by {{ queue_policy_score('evaluated') }} desc, evaluated.arrival asc
                )
            / count(*) over (partition by parts.part_number, policies.policy)
        ) as step_number
    from evaluated
    inner join parts on parts.part_number in (0, evaluated.part_number)
    cross join {{ ref('queue_policies') }} as policies

),

steps as (

    select
        part_number,
        policy,
        step_number,
        count(*) as video_count,
        sum(claim_count) as claim_count,
        {{ exact_sum('claim_view_count') }} as claim_view_count
    from stepped
    group by part_number, policy, step_number

),

final as (

    select
        steps.part_number,
        steps.policy,
        cast(capacities.step_number as double) / {{ step_total }} as capacity_share,
        cast(sum(steps.video_count) as bigint) as video_count,
        cast(sum(case when steps.step_number <= capacities.step_number then steps.claim_count else 0 end) as double)
        / nullif(sum(steps.claim_count), 0) as claim_share,
        sum(case when steps.step_number <= capacities.step_number then steps.claim_view_count else 0 end)
        / nullif(sum(steps.claim_view_count), 0) as claim_view_share
    from steps
    cross join capacities
    group by steps.part_number, steps.policy, capacities.step_number

)

select * from final
