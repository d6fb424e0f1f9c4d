-- One row per report of a video that has landed, with the number of closings before it: reports between two closings
-- speak of the same episode.
-- Kept as a table: Spark plans views within views anew for each that reads them.
{{ config(materialized='table') }}
with

reports as (

    select * from {{ ref('int_reports_latest') }}

),

videos as (

    select video_id from {{ ref('int_videos_latest') }}

),

closings as (

    select * from {{ ref('int_cases_closed') }}

),

final as (

    select
        reports.report_id,
        reports.video_id,
        reports.reporter_id,
        reports.reported_item,
        reports.report_reason,
        reports.reported_at,
        count(closings.closing_number) as closing_count
    from reports
    inner join videos on reports.video_id = videos.video_id
    left join closings on reports.video_id = closings.video_id and reports.reported_at > closings.ordered_at
    group by
        reports.report_id,
        reports.video_id,
        reports.reporter_id,
        reports.reported_item,
        reports.report_reason,
        reports.reported_at

)

select * from final
