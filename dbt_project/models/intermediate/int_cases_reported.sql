-- One row per video and number of closings before: the reports of an episode, and when enough people had reported it to
-- open it again. Each person counts once; reports without a reporter count together as one, who opens nothing again.
{% set reopen_reporters = env_var("CLAIMS_REOPEN_REPORTERS", "3") | int %}
-- Kept as a table: Spark plans views within views anew for each that reads them.
{{ config(materialized='table') }}
with

reports as (

    select * from {{ ref('int_reports_placed') }}

),

weights as (

    select * from {{ ref('int_reporters_weighted') }}

),

priors as (

    select max(prior_claim_share) as claim_share from weights

),

reporters as (

    select
        reports.video_id,
        reports.closing_count,
        reports.reporter_id,
        count(*) as report_count,
        min(reports.reported_at) as reported_at,
        max(coalesce(weights.weight, priors.claim_share, 0.5)) as reporter_weight
    from reports
    cross join priors
    left join weights on reports.reporter_id = weights.reporter_id
    group by reports.video_id, reports.closing_count, reports.reporter_id

),

numbered as (

    select
        reporters.*,
        row_number() over (
            partition by video_id, closing_count
            order by case when reporter_id is null then 1 else 0 end, reported_at, reporter_id
        ) as reporter_number
    from reporters

),

final as (

    select
        video_id,
        closing_count,
        cast(sum(report_count) as bigint) as report_count,
        count(reporter_id) as reporter_count,
        -- Exact, since threads add in any order.
        cast(sum(cast(reporter_weight as decimal(18, 12))) as double) as report_weight,
        min(reported_at) as first_reported_at,
        min(
            case when reporter_id is not null and reporter_number = {{ reopen_reporters }} then reported_at end
        ) as reopened_at
    from numbered
    group by video_id, closing_count

)

select * from final
