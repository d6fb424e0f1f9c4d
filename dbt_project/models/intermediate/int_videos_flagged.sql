-- One row per current video, with the cross-count invariant that it breaks, if any.
with

videos as (

    select * from {{ ref('int_videos_labelled') }}

),

final as (

    select
        videos.*,
        case
            when video_like_count > video_view_count then 'more likes than views'
            when video_share_count > video_like_count then 'more shares than likes'
            when video_download_count > video_like_count then 'more downloads than likes'
            when video_comment_count > video_download_count then 'more comments than downloads'
        end as flag_reason
    from videos

)

select * from final
