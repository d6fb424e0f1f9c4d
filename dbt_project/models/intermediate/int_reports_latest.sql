-- The current row of each report: the one from the newest delivery that holds it.
with

reports as (

    {{ current_events(ref('stg_tiktok__reports'), 'report_id') }}

),

final as (

    select
        report_id,
        video_id,
        coalesce(reported_item, 'video') as reported_item,
        comment_id,
        reporter_id,
        report_reason,
        reported_at,
        delivery_number,
        delivery_row_number,
        delivery_file_name
    from reports

)

select * from final
