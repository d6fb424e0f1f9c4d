-- Views against likes, binned: marks sized by the number of videos.
select
    claim_status,
    view_lower_bound,
    like_lower_bound,
    video_count
from {{ ref('agg_view_like_grid') }}
order by claim_status, view_lower_bound, like_lower_bound
