-- The current row of each video: the one from the highest delivery that holds it.
with

videos as (

    select * from {{ ref('stg_tiktok__videos') }}

),

-- Only rows after the first delivery can supersede anything; with one delivery this is empty and costs nothing.
later_videos as (

    select distinct video_id
    from videos
    where delivery_number > (select min(all_videos.delivery_number) from {{ ref('stg_tiktok__videos') }} as all_videos)

),

histories as (

    select
        videos.video_id,
        min(videos.delivery_number) as first_delivery_number,
        max(videos.delivery_number) as last_delivery_number
    from videos
    inner join later_videos on videos.video_id = later_videos.video_id
    group by videos.video_id

),

final as (

    select
        videos.video_id,
        videos.claim_status,
        videos.video_transcription_text,
        videos.verified_status,
        videos.author_ban_status,
        videos.video_duration_sec,
        videos.video_view_count,
        videos.video_like_count,
        videos.video_share_count,
        videos.video_download_count,
        videos.video_comment_count,
        videos.delivery_number,
        coalesce(histories.first_delivery_number, videos.delivery_number) as delivery_first_number,
        videos.delivery_row_number,
        videos.delivery_row_label,
        videos.delivery_file_name
    from videos
    left join histories on videos.video_id = histories.video_id
    where videos.delivery_number = coalesce(histories.last_delivery_number, videos.delivery_number)

)

select * from final
