-- delivered_videos as the fields of a CSV, for a writer that adds no quotes of its own.
create or replace temp view synthetic_csv as

select
    "#",
    claim_status,
    video_id,
    video_duration_sec,
    csv_quoted(video_transcription_text) as video_transcription_text,
    verified_status,
    author_ban_status,
    coalesce(cast(video_view_count as varchar), '#N/A') as video_view_count,
    coalesce(cast(video_like_count as varchar), '#N/A') as video_like_count,
    coalesce(cast(video_share_count as varchar), '#N/A') as video_share_count,
    coalesce(cast(video_download_count as varchar), '#N/A') as video_download_count,
    coalesce(cast(video_comment_count as varchar), '#N/A') as video_comment_count
from delivered_videos;
