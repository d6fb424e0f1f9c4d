-- One row per delivered column but the key and value that occurs, with its number of videos; of texts, the length in
-- characters.
-- depends_on: {{ ref('int_metric_values_counted') }}, {{ ref('int_videos_latest') }}
{% set columns = delivered_columns() %}
{% set numbers = columns | list %}
{% set metrics = metric_columns().values() | list %}
with

final as (

    {% for column, type in columns.items() if column != 'video_id' %}
    {% if column in metrics %}
    select
        cast({{ numbers.index(column) + 1 }} as bigint) as column_number,
        metric_value as measured_value,
        cast(sum(video_count) as bigint) as video_count
    from {{ ref('int_metric_values_counted') }}
    where column_name = '{{ column }}'
    group by metric_value
    {% else %}
    {% set measure = 'length(' ~ column ~ ')' if type == 'string' else column %}
    select
        cast({{ numbers.index(column) + 1 }} as bigint) as column_number,
        {{ measure }} as measured_value,
        count(*) as video_count
    from {{ ref('int_videos_latest') }}
    where {{ column }} is not null
    group by {{ measure }}
    {% endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from final
