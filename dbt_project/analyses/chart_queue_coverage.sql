-- What each order of review covers at each capacity.
select
    policy,
    capacity_share,
    claim_view_share,
    claim_view_share_lower_bound,
    claim_view_share_upper_bound
from {{ ref('agg_queue_coverage') }}
order by policy_number, capacity_share
