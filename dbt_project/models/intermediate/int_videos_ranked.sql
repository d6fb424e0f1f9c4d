-- The records of each video that a delivery after the first one holds, or one delivery several times as its history,
-- oldest first; with one delivery without a history this is empty and costs nothing.
with

videos as (

    select * from {{ ref('stg_tiktok__videos') }}

),

deliveries as (

    select * from {{ ref('int_deliveries_ordered') }}

),

dated_deliveries as (

    select * from {{ ref('stg_tiktok__deliveries') }}
    where newest_snapshot_at is not null

),

later_videos as (

    select distinct video_id
    from videos
    where delivery_number > (select min(all_videos.delivery_number) from {{ ref('stg_tiktok__videos') }} as all_videos)

    union distinct

    select videos.video_id
    from videos
    inner join dated_deliveries on videos.delivery_number = dated_deliveries.delivery_number
    group by videos.video_id
    having count(*) > 1

),

final as (

    select
        videos.*,
        deliveries.is_blanking_allowed,
        row_number() over (
            partition by videos.video_id
            order by
                coalesce(videos.snapshot_at, deliveries.placed_at) nulls first,
                deliveries.delivery_rank,
                videos.delivery_row_number
        ) as record_order
    from videos
    inner join later_videos on videos.video_id = later_videos.video_id
    inner join deliveries on videos.delivery_number = deliveries.delivery_number

)

select * from final
