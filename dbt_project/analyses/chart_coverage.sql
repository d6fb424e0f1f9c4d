select * from {{ ref('agg_queue_coverage') }}
order by policy_number, capacity_share
