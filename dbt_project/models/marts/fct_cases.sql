-- One row per episode of a video: when it was opened and closed, by what, who reported it, and what becomes of it while
-- it is open.
{% set reopen_reporters = env_var("CLAIMS_REOPEN_REPORTERS", "3") | int %}
with

cases as (

    select
        opened.*,
        md5(cast(video_id as string) || ' ' || cast(episode_number as string)) as case_id
    from {{ ref('int_cases_opened') }} as opened

),

reported as (

    select * from {{ ref('int_cases_reported') }}

),

predictions as (

    select * from {{ ref('fct_claim_predictions') }}

),

-- Decisions may set a case aside only where what they may miss is promised.
promises as (

    select model_run_id from {{ source('ml', 'model_runs') }}
    where decision_rule = 'promise'

),

final as (

    select
        cases.case_id,
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
                {{ is_clearing() }} and predictions.decision = 'opinion' and promises.model_run_id is not null
                and coalesce(reported.reporter_count, 0) < {{ reopen_reporters }}
                then 'cleared'
            else 'to_review'
        end as disposition,
        coalesce(reported.report_count, 0) as report_count,
        coalesce(reported.reporter_count, 0) as reporter_count,
        coalesce(reported.report_weight, 0.0) as report_weight,
        reported.first_reported_at,
        cases.hours_to_decision,
        {{ is_in_audit_lane('cases.case_id') }} as is_audit,
        cast({{ audit_probability() }} as double) as audit_probability
    from cases
    left join reported
        on cases.video_id = reported.video_id and cases.closing_count = reported.closing_count
    left join predictions on cases.video_id = predictions.video_id
    left join promises on predictions.model_run_id = promises.model_run_id

)

select * from final
