-- One row per delivered column: how complete it is and how its values spread. For text the numbers speak of its length
-- in characters.
{% set columns = delivered_columns() %}
{% set quartiles = {'lower_quartile': 0.25, 'median': 0.5, 'upper_quartile': 0.75} %}
with

videos as (

    select * from {{ ref('fct_videos') }}

),

measured_values as (

    select * from {{ ref('int_column_values_counted') }}

),

{{ counted_quantiles('measured_values', ['column_number'], 'measured_value', quartiles) }},

described as (

    {% for column, type in columns.items() %}
    select
        cast({{ loop.index }} as bigint) as column_number,
        '{{ column }}' as column_name,
        '{{ type }}' as column_type
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- Texts are counted by their length above.
totals as (

    select
    {% for column, type in columns.items() if type == 'string' %}
        count(distinct {{ column }}) as {{ column }}_distinct,
    {% endfor %}
        count(*) as video_count
    from videos

),

-- Exact sums, since threads add in any order, which the last digits of a running deviation would show.
spreads as (

    select
        column_number,
        cast(sum(video_count) as bigint) as non_null_count,
        count(*) as distinct_count,
        min(measured_value) as minimum,
        max(measured_value) as maximum,
        cast(sum(cast(measured_value as decimal(19, 0)) * cast(video_count as decimal(19, 0))) as double) as total,
        cast(
            sum(
                cast(measured_value as decimal(19, 0)) * cast(measured_value as decimal(19, 0))
                * cast(video_count as decimal(19, 0))
            ) as double
        ) as squares
    from measured_values
    group by column_number

),

final as (

    select
        described.*,
        totals.video_count,
        coalesce(spreads.non_null_count, 0) as non_null_count,
        totals.video_count - coalesce(spreads.non_null_count, 0) as null_count,
        case described.column_name
        {% for column, type in columns.items() if type == 'string' %}
            when '{{ column }}' then totals.{{ column }}_distinct
        {% endfor %}
            else coalesce(spreads.distinct_count, 0)
        end as distinct_count,
        spreads.minimum,
        spreads.maximum,
        spreads.total / spreads.non_null_count as mean,
        round(
            sqrt(
                greatest(spreads.squares - spreads.total * spreads.total / spreads.non_null_count, 0.0)
                / nullif(spreads.non_null_count - 1, 0)
            ),
            6
        ) as standard_deviation,
        quantiles.lower_quartile,
        quantiles.median,
        quantiles.upper_quartile
    from described
    cross join totals
    left join spreads on described.column_number = spreads.column_number
    left join quantiles on described.column_number = quantiles.column_number

)

select * from final
