select * from {{ ref('agg_metric_correlations') }}
order by claim_scope, first_metric, second_metric
