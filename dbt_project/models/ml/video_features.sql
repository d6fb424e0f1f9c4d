-- One row per current video: its label, every feature that a model may use, and its part of the split. A view on the
-- marts alone, so that a release can carry it. The split compares hex digits as text: one value on every engine.
with

videos as (

    select * from {{ ref('fct_videos') }}

),

hashed as (

    select
        videos.*,
        substr(md5(cast(video_id as string)), 1, 4) as split_digits
    from videos

),

final as (

    select
        video_id,
        is_claim,
        case
            when split_digits < '999a' then 'train'
            when split_digits < 'b334' then 'validation'
            when split_digits < 'cccd' then 'calibration'
            else 'test'
        end as split,

        -- known at publication
        video_duration_sec,
        verified_status,
        author_ban_status,
        video_transcription_text,
        transcription_character_count,

        -- known after the video has spread
        video_view_count,
        video_like_count,
        video_share_count,
        video_download_count,
        video_comment_count,
        like_rate,
        share_rate,
        download_rate,
        comment_rate
    from hashed

)

select * from final
