-- Claims and opinions by verified status.
select
    verified_status,
    claim_count,
    opinion_count,
    claim_share
from {{ ref('agg_videos_by_verified_status') }}
order by verified_status
