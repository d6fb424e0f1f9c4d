-- One row per current video. Unlabelled videos stay; rates of a flagged video are NULL, since its counts contradict
-- each other.
with

videos as (

    select * from {{ ref('int_videos_flagged') }}

),

final as (

    select
        video_id,
        claim_status,
        video_duration_sec,
        video_transcription_text,
        verified_status,
        author_ban_status,
        video_view_count,
        video_like_count,
        video_share_count,
        video_download_count,
        video_comment_count,

        -- what is believed of it
        label,
        label_source,
        labelled_at,
        label is not null as is_labelled,
        label = 'claim' as is_claim,

        -- derived
        verified_status = 'verified' as is_verified,
        video_transcription_text is not null as has_transcription,
        cast(length(video_transcription_text) as bigint) as transcription_character_count,
        {{ rate('like_rate') }} as like_rate,
        {{ rate('share_rate') }} as share_rate,
        {{ rate('download_rate') }} as download_rate,
        {{ rate('comment_rate') }} as comment_rate,
        flag_reason is not null as is_flagged,
        flag_reason,

        -- lineage
        delivery_number,
        delivery_first_number,
        delivery_label_number,
        delivery_transcript_number,
        delivery_account_number,
        delivery_counts_number,
        delivery_row_number,
        delivery_file_name
    from videos

)

select * from final
