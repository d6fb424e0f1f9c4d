select * from {{ ref('agg_metric_quantiles') }}
order by metric, claim_status
