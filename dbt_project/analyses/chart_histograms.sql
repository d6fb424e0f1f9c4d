select * from {{ ref('agg_metric_histogram') }}
order by metric, claim_status, bin_number
