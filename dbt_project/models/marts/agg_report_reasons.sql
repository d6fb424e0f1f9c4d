-- One row per reason and reported item: how much is reported under it, by how many people, and how often it was a
-- claim.
with

reports as (

    select * from {{ ref('int_reports_placed') }}

),

labels as (

    select * from {{ ref('fct_videos') }}

),

reported_videos as (

    select
        coalesce(report_reason, 'not given') as report_reason,
        reported_item,
        video_id,
        count(*) as report_count
    from reports
    group by coalesce(report_reason, 'not given'), reported_item, video_id

),

reporters as (

    select
        coalesce(report_reason, 'not given') as report_reason,
        reported_item,
        count(distinct reporter_id) as reporter_count
    from reports
    group by coalesce(report_reason, 'not given'), reported_item

),

counted as (

    select
        reported_videos.report_reason,
        reported_videos.reported_item,
        cast(sum(reported_videos.report_count) as bigint) as report_count,
        count(*) as video_count,
        count(labels.label) as labelled_count,
        count(case when labels.label = 'claim' then 1 end) as claim_count
    from reported_videos
    inner join labels on reported_videos.video_id = labels.video_id
    group by reported_videos.report_reason, reported_videos.reported_item

),

final as (

    select
        counted.report_reason,
        counted.reported_item,
        counted.report_count,
        reporters.reporter_count,
        counted.video_count,
        counted.labelled_count,
        counted.claim_count,
        cast(counted.claim_count as double) / nullif(counted.labelled_count, 0) as claim_share
    from counted
    inner join reporters
        on counted.report_reason = reporters.report_reason and counted.reported_item = reporters.reported_item

)

select * from final
