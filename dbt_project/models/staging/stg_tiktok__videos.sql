-- One row per landed record, every delivery included; nothing is filtered, trimmed or filled.
with

source as (

    select * from {{ source('landing', 'landed_videos') }}

),

renamed as (

    select
        -- ids
        video_id,

        -- strings
        claim_status,
        video_transcription_text,
        verified_status,
        author_ban_status,

        -- numerics
        video_duration_sec,
        video_view_count,
        video_like_count,
        video_share_count,
        video_download_count,
        video_comment_count,

        -- timestamps
        snapshot_at,

        -- where the row came from
        delivery_number,
        delivery_row_number,
        delivery_row_label,
        delivery_file_name
    from source

)

select * from renamed
