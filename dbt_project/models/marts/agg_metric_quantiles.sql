-- One row per metric and claim status: the five numbers of a box plot, with its whiskers at 5 and 95 %. Between two
-- values it interpolates, as percentile_cont does; that would hold every value once per quantile in memory.
{% set metrics = {
    'duration': 'video_duration_sec',
    'views': 'video_view_count',
    'likes': 'video_like_count',
    'shares': 'video_share_count',
    'downloads': 'video_download_count',
    'comments': 'video_comment_count',
} %}
{% set quantiles = {
    'percentile_5': 0.05,
    'percentile_25': 0.25,
    'median': 0.5,
    'percentile_75': 0.75,
    'percentile_95': 0.95,
} %}
{% set place = 'cast({} as double) * (totals.video_count - 1)' %}
with

videos as (

    select * from {{ ref('fct_videos') }}

),

-- Grouped by value first, so that the sort runs over few rows.
metric_values as (

    {% for metric, column in metrics.items() %}
    select
        '{{ metric }}' as metric,
        coalesce(claim_status, 'unlabelled') as claim_status,
        {{ column }} as metric_value,
        count(*) as video_count
    from videos
    where {{ column }} is not null
    group by coalesce(claim_status, 'unlabelled'), {{ column }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

totals as (

    select
        metric,
        claim_status,
        cast(sum(video_count) as bigint) as video_count,
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

-- The quantile q lies at place q * (n - 1), counted from 0: between the values at the whole places around it.
neighbours as (

    select
        running.metric,
        running.claim_status,
        min(running.metric_value) as minimum,
        max(running.metric_value) as maximum,
        {% for name, quantile in quantiles.items() %}
        max({{ place.format(quantile) }}) - floor(max({{ place.format(quantile) }})) as {{ name }}_part,
        min(
            case when running.running_count > floor({{ place.format(quantile) }}) then running.metric_value end
        ) as {{ name }}_below,
        min(
            case when running.running_count > ceil({{ place.format(quantile) }}) then running.metric_value end
        ) as {{ name }}_above{{ "," if not loop.last }}
        {% endfor %}
    from running
    inner join totals
        on running.metric = totals.metric and running.claim_status = totals.claim_status
    group by running.metric, running.claim_status

),

final as (

    select
        totals.metric,
        totals.claim_status,
        totals.video_count,
        neighbours.minimum,
        {% for name in quantiles %}
        neighbours.{{ name }}_below
        + neighbours.{{ name }}_part * (neighbours.{{ name }}_above - neighbours.{{ name }}_below) as {{ name }},
        {% endfor %}
        neighbours.maximum,
        totals.mean
    from totals
    inner join neighbours
        on totals.metric = neighbours.metric and totals.claim_status = neighbours.claim_status

)

select * from final
