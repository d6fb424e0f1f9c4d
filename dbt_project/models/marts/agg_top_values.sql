-- One row per delivered column and rank: its five most frequent values; of equally frequent ones the first in text
-- order. The key is left out: each of its values occurs once.
-- depends_on: {{ ref('fct_videos') }}
with

value_counts as (

    select
        column_name,
        cast(metric_value as string) as column_value,
        cast(sum(video_count) as bigint) as video_count
    from {{ ref('int_metric_values_counted') }}
    group by column_name, metric_value
    {% for column, type in delivered_columns().items() if type == 'string' %}
    union all
    select
        '{{ column }}' as column_name,
        {{ column }} as column_value,
        count(*) as video_count
    from {{ ref('fct_videos') }}
    where {{ column }} is not null
    group by {{ column }}
    {% endfor %}

),

ranked as (

    select
        column_name,
        column_value,
        video_count,
        row_number() over (
            partition by column_name
            order by video_count desc, column_value asc
        ) as value_rank
    from value_counts

),

final as (

    select
        column_name,
        cast(value_rank as bigint) as value_rank,
        column_value,
        video_count
    from ranked
    where value_rank <= 5

)

select * from final
