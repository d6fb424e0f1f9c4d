-- Box plots of the duration and of the five counts, by class: whiskers at 5 and 95 %.
select *
from {{ ref('agg_metric_quantiles') }}
order by metric, claim_status
