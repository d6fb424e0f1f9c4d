-- One row per delivered column: how complete it is and how its values spread. For text the numbers speak of its length
-- in characters.
{% set columns = delivered_columns() %}
with

videos as (

    select * from {{ ref('fct_videos') }}

),

final as (

    {% for column, type in columns.items() %}
    {% set measure = 'length(' ~ column ~ ')' if type == 'string' else column %}
    select
        cast({{ loop.index }} as bigint) as column_number,
        '{{ column }}' as column_name,
        '{{ type }}' as column_type,
        count(*) as video_count,
        count({{ column }}) as non_null_count,
        count(*) - count({{ column }}) as null_count,
        count(distinct {{ column }}) as distinct_count,
        cast(min({{ measure }}) as bigint) as minimum,
        cast(max({{ measure }}) as bigint) as maximum,
        avg(cast({{ measure }} as double)) as mean,
        -- Threads add in any order, which the last digits would show.
        round(stddev_samp(cast({{ measure }} as double)), 6) as standard_deviation,
        percentile_cont(0.25) within group (order by {{ measure }}) as lower_quartile,
        percentile_cont(0.5) within group (order by {{ measure }}) as median,
        percentile_cont(0.75) within group (order by {{ measure }}) as upper_quartile
    from videos
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from final
