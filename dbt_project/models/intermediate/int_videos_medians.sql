-- One row per status column and status: the medians of the five counts, apart from the other measures of a status,
-- since they are sorted from counted values.
{{ config(materialized='table') }}
{% set statuses = ['verified_status', 'author_ban_status'] %}
with

videos as (

    select * from {{ ref('int_videos_latest') }}

),

metric_values as (

    select *
    from {{ ref('int_metric_values_counted') }}
    where metric != 'duration'

),

counted as (

    select
        'claim_status' as status_column,
        claim_status as status,
        metric,
        metric_value,
        video_count
    from metric_values
    {% for status in statuses %}
    {% for metric, column in count_columns().items() %}
    union all
    select
        '{{ status }}' as status_column,
        coalesce({{ status }}, 'unlabelled') as status,
        '{{ metric }}' as metric,
        {{ column }} as metric_value,
        count(*) as video_count
    from videos
    where {{ column }} is not null
    group by coalesce({{ status }}, 'unlabelled'), {{ column }}
    {% endfor %}
    {% endfor %}

),

{{ counted_quantiles('counted', ['status_column', 'status', 'metric'], 'metric_value', {'median': 0.5}) }},

final as (

    select
        {% for metric in count_columns() %}
        max(case when metric = '{{ metric }}' then median end) as median_{{ metric }},
        {% endfor %}
        status_column,
        status
    from quantiles
    group by status_column, status

)

select * from final
