-- The current row of each report: the one from the highest delivery that holds it.
with

reports as (

    select * from {{ ref('stg_tiktok__reports') }}

),

-- Only rows after the first delivery can supersede anything; with one delivery this is empty and costs nothing.
later_reports as (

    select
        report_id,
        max(delivery_number) as delivery_number
    from reports
    where delivery_number > (select min(all_reports.delivery_number) from reports as all_reports)
    group by report_id

),

final as (

    select
        reports.report_id,
        reports.video_id,
        coalesce(reports.reported_item, 'video') as reported_item,
        reports.comment_id,
        reports.reporter_id,
        reports.report_reason,
        reports.reported_at,
        reports.delivery_number,
        reports.delivery_row_number,
        reports.delivery_file_name
    from reports
    left join later_reports on reports.report_id = later_reports.report_id
    where reports.delivery_number = coalesce(later_reports.delivery_number, reports.delivery_number)

)

select * from final
