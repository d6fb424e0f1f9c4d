-- Histograms of the duration and of the five counts, by class.
select
    metric,
    claim_status,
    lower_bound,
    upper_bound,
    video_count
from {{ ref('agg_metric_histogram') }}
order by metric, claim_status, lower_bound
