-- One row per open case that a person has to look at, in the order in which they should look. Cases with the same
-- statement stand together; one place in ten is kept for the statement that has waited longest.
{% set oldest_every = 10 %}
with

cases as (

    select * from {{ ref('fct_cases') }}
    where disposition = 'to_review'

),

policy as (

    {{ policy_in_force() }}

),

-- What a video without views may expect, by what it is.
expected as (

    select
        avg(case when is_claim then cast(video_view_count as double) end) as claim_views,
        avg(case when not is_claim then cast(video_view_count as double) end) as opinion_views
    from {{ ref('fct_videos') }}
    where is_labelled and video_view_count > 0

),

known as (

    select
        cases.*,
        predictions.claim_probability,
        predictions.decision,
        predictions.decision_reason,
        predictions.feature_set,
        predictions.model_run_id,
        videos.verified_status,
        videos.author_ban_status,
        videos.video_view_count,
        substr(videos.video_transcription_text, 1, 120) as transcript_beginning,
        coalesce({{ statement_id('videos.video_transcription_text') }}, cast(cases.video_id as string)) as statement_id,
        cast(coalesce(
            nullif(videos.video_view_count, 0),
            predictions.claim_probability * coalesce(expected.claim_views, 0)
            + (1 - predictions.claim_probability) * coalesce(expected.opinion_views, 0)
        ) as double) as reach,
        {{ hours_between('cases.opened_at', 'newest.event_at') }} as waiting_hours,
        {{ hours_between('cases.first_reported_at', 'newest.event_at') }} as reported_hours
    from cases
    inner join {{ ref('fct_videos') }} as videos on cases.video_id = videos.video_id
    inner join {{ ref('fct_claim_predictions') }} as predictions on cases.video_id = predictions.video_id
    cross join expected
    cross join {{ ref('int_events_newest') }} as newest

),

-- A case without a time of opening was there before every other.
measured as (

    select
        case_id,
        statement_id,
        claim_probability,
        reach,
        cast(1 + reporter_count as double) as report_count,
        1 + report_weight as weighted_report,
        coalesce(waiting_hours, 1000000000) as waiting,
        coalesce(reported_hours, waiting_hours, 1000000000) as report_age
    from known

),

scored as (

    select
        measured.*,
        {{ policy_score('measured', 'policy') }} as priority
    from measured
    cross join policy

),

statements as (

    select
        statement_id,
        row_number() over (order by max(priority) desc, max(waiting) desc, min(case_id)) as score_place,
        row_number() over (order by max(waiting) desc, min(case_id)) as age_place
    from scored
    group by statement_id

),

-- Every tenth place is the oldest's, so that the n-th oldest stands at place 10 n at the latest.
placed as (

    select
        statement_id,
        score_place + floor((score_place - 1) / {{ oldest_every - 1 }}.0) as score_key,
        {{ oldest_every }} * age_place as age_key
    from statements

),

final as (

    select
        cast(row_number() over (
            order by
                least(placed.score_key, placed.age_key),
                placed.age_key < placed.score_key desc,
                known.statement_id,
                scored.priority desc,
                scored.waiting desc,
                known.case_id
        ) as bigint) as queue_rank,
        known.case_id,
        known.video_id,
        known.statement_id,
        policy.policy,
        scored.priority,
        known.claim_probability,
        known.decision,
        known.decision_reason,
        known.feature_set,
        known.model_run_id,
        known.report_count,
        known.reporter_count,
        known.report_weight,
        known.opened_at,
        known.waiting_hours,
        known.is_reopened,
        known.verified_status,
        known.author_ban_status,
        known.video_view_count,
        known.reach,
        known.transcript_beginning,
        case when placed.age_key < placed.score_key then 'oldest' else {{ queue_reason('known') }} end as reason
    from known
    inner join scored on known.case_id = scored.case_id
    inner join placed on known.statement_id = placed.statement_id
    cross join policy

)

select * from final
