-- Correlations over all labelled videos and within each class.
select
    claim_scope,
    first_metric,
    second_metric,
    coefficient
from {{ ref('agg_metric_correlations') }}
order by claim_scope, first_metric, second_metric
