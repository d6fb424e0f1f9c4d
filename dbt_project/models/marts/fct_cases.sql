-- One row per episode of a video: when it was opened and closed, by what, who reported it, and what becomes of it while
-- it is open.
{% set reopen_reporters = env_var("CLAIMS_REOPEN_REPORTERS", "3") | int %}
with

cases as (

    select * from {{ ref('int_cases_opened') }}

),

reported as (

    select * from {{ ref('int_cases_reported') }}

),

predictions as (

    select * from {{ ref('fct_claim_predictions') }}

),

final as (

    select
        md5(cast(cases.video_id as string) || ' ' || cast(cases.episode_number as string)) as case_id,
        cases.video_id,
        cases.episode_number,
        cases.opened_at,
        cases.closed_at,
        cases.closed_by,
        cases.label,
        cases.is_open,
        cases.is_reopened,
        case
            when not cases.is_open then null
            -- A cleared case comes back when as many people report it as open a closed one again.
            when
                {{ is_clearing() }} and predictions.decision = 'opinion'
                and coalesce(reported.reporter_count, 0) < {{ reopen_reporters }}
                then 'cleared'
            else 'to_review'
        end as disposition,
        coalesce(reported.report_count, 0) as report_count,
        coalesce(reported.reporter_count, 0) as reporter_count,
        coalesce(reported.report_weight, 0.0) as report_weight,
        reported.first_reported_at,
        cases.hours_to_decision
    from cases
    left join reported
        on cases.video_id = reported.video_id and cases.closing_count = reported.closing_count
    left join predictions on cases.video_id = predictions.video_id

)

select * from final
