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

sums as (

    select * from {{ ref('int_columns_measured') }}

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

-- Texts are counted by their length above; the key occurs once.
totals as (

    select
        {% for column, type in columns.items() if type == 'string' %}
        count(distinct {{ column }}) as {{ column }}_distinct,
        {% endfor %}
        min(video_id) as video_id_minimum,
        max(video_id) as video_id_maximum,
        count(*) as video_count
    from videos

),

final as (

    select
        described.*,
        totals.video_count,
        {% set is_key = "described.column_name = 'video_id'" %}
        case when {{ is_key }} then totals.video_count else coalesce(sums.non_null_count, 0) end as non_null_count,
        case when {{ is_key }} then 0 else totals.video_count - coalesce(sums.non_null_count, 0) end as null_count,
        case described.column_name
            when 'video_id' then totals.video_count
            {% for column, type in columns.items() if type == 'string' %}
            when '{{ column }}' then totals.{{ column }}_distinct
            {% endfor %}
            else coalesce(sums.distinct_count, 0)
        end as distinct_count,
        case when {{ is_key }} then totals.video_id_minimum else sums.minimum end as minimum,
        case when {{ is_key }} then totals.video_id_maximum else sums.maximum end as maximum,
        sums.mean,
        round(sums.standard_deviation, 6) as standard_deviation,
        quantiles.lower_quartile,
        quantiles.median,
        quantiles.upper_quartile
    from described
    cross join totals
    left join sums on described.column_number = sums.column_number
    left join quantiles on described.column_number = quantiles.column_number

)

select * from final
