-- The current row of each report: the one from the newest delivery that holds it.
with

reports as (

    select * from {{ ref('stg_tiktok__reports') }}

),

deliveries as (

    select
        delivery_number,
        delivery_rank
    from {{ ref('int_deliveries_ordered') }}

),

-- Only what a delivery after the first holds can supersede anything; with one delivery this is empty and costs nothing.
later_reports as (

    select distinct report_id
    from reports
    where delivery_number > (select min(all_reports.delivery_number) from reports as all_reports)

),

histories as (

    select
        reports.report_id,
        max(deliveries.delivery_rank) as last_rank
    from reports
    inner join later_reports on reports.report_id = later_reports.report_id
    inner join deliveries on reports.delivery_number = deliveries.delivery_number
    group by reports.report_id

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
    inner join deliveries on reports.delivery_number = deliveries.delivery_number
    left join histories on reports.report_id = histories.report_id
    where deliveries.delivery_rank = coalesce(histories.last_rank, deliveries.delivery_rank)

)

select * from final
