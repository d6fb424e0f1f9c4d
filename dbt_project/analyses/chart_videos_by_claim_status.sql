-- Counts of claims and opinions.
select
    claim_status,
    video_count
from {{ ref('agg_videos_by_claim_status') }}
order by claim_status
