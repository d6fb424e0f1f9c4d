-- One row per metric and claim status: the five numbers of a box plot, with its whiskers at 5 and 95 %.
{% set quantiles = {
    'percentile_5': 0.05,
    'percentile_25': 0.25,
    'median': 0.5,
    'percentile_75': 0.75,
    'percentile_95': 0.95,
} %}
with

metric_values as (

    select * from {{ ref('int_metric_values_counted') }}

),

{{ counted_quantiles('metric_values', ['metric', 'claim_status'], 'metric_value', quantiles) }},

totals as (

    select
        metric,
        claim_status,
        cast(sum(video_count) as bigint) as video_count,
        min(cast(metric_value as double)) as minimum,
        max(cast(metric_value as double)) as maximum,
        {{ exact_sum_of_counted('metric_value') }} / cast(sum(video_count) as double) as mean
    from metric_values
    group by metric, claim_status

),

final as (

    select
        {% for name in quantiles %}
        quantiles.{{ name }},
        {% endfor %}
        totals.*
    from totals
    inner join quantiles
        on totals.metric = quantiles.metric and totals.claim_status = quantiles.claim_status

)

select * from final
