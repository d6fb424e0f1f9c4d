-- Median views by author status.
select
    author_ban_status,
    median_views
from {{ ref('agg_videos_by_author_status') }}
order by median_views desc nulls last
