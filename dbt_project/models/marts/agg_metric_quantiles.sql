-- One row per metric and claim status: the five numbers of a box plot, with its whiskers at 5 and 95 %. Between two
-- values it interpolates, as percentile_cont does; that would hold every value once per quantile in memory.
{% set quantiles = {
    'percentile_5': 0.05,
    'percentile_25': 0.25,
    'median': 0.5,
    'percentile_75': 0.75,
    'percentile_95': 0.95,
} %}
with

metric_values as (

    select * from {{ ref('int_videos_counted') }}

),

totals as (

    select
        metric,
        claim_status,
        cast(sum(video_count) as bigint) as video_count,
        {% for name, quantile in quantiles.items() %}
        cast({{ quantile }} as double) * (sum(video_count) - 1) as {{ name }}_place,
        {% endfor %}
        sum(cast(metric_value as double) * video_count) / sum(video_count) as mean
    from metric_values
    group by metric, claim_status

),

running as (

    select
        metric,
        claim_status,
        cast(metric_value as double) as metric_value,
        sum(video_count) over (
            partition by metric, claim_status
            order by metric_value
            rows between unbounded preceding and current row
        ) as running_count
    from metric_values

),

placed as (

    select
        totals.*,
        running.metric_value,
        running.running_count
    from running
    inner join totals
        on running.metric = totals.metric and running.claim_status = totals.claim_status

),

-- The quantile q lies at place q * (n - 1), counted from 0: between the values at the whole places around it.
neighbours as (

    select
        metric,
        claim_status,
        max(video_count) as video_count,
        {% for name in quantiles %}
        max({{ name }}_place - floor({{ name }}_place)) as {{ name }}_part,
        min(case when running_count > floor({{ name }}_place) then metric_value end) as {{ name }}_below,
        min(case when running_count > ceil({{ name }}_place) then metric_value end) as {{ name }}_above,
        {% endfor %}
        min(metric_value) as minimum,
        max(metric_value) as maximum,
        max(mean) as mean
    from placed
    group by metric, claim_status

),

final as (

    select
        metric,
        claim_status,
        video_count,
        minimum,
        {% for name in quantiles %}
        {{ name }}_below + {{ name }}_part * ({{ name }}_above - {{ name }}_below) as {{ name }},
        {% endfor %}
        maximum,
        mean
    from neighbours

)

select * from final
