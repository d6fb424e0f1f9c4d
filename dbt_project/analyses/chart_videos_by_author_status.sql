-- Counts by author status.
select
    author_ban_status,
    video_count
from {{ ref('agg_videos_by_author_status') }}
order by author_ban_status
