-- Claims and opinions by author status.
select
    author_ban_status,
    claim_count,
    opinion_count,
    claim_share
from {{ ref('agg_videos_by_author_status') }}
order by author_ban_status
