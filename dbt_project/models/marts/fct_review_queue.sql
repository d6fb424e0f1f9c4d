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

known as (

    {{ what_is_known_of('cases') }}

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
        row_number() over (order by max(priority) desc, max(waiting) desc, min(case_id) asc) as score_place,
        row_number() over (order by max(waiting) desc, min(case_id) asc) as age_place
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
                least(placed.score_key, placed.age_key) asc,
                placed.age_key < placed.score_key desc,
                known.statement_id asc,
                scored.priority desc,
                scored.waiting desc,
                known.case_id asc
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
