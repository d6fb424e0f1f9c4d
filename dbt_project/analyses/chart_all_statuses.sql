-- Claim, verified and author status together.
select
    claim_status,
    verified_status,
    author_ban_status,
    video_count
from {{ ref('agg_videos_by_all_statuses') }}
order by claim_status, verified_status, author_ban_status
