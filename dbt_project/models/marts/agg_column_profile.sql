-- One row per delivered column: how complete it is and how its values spread. For text the numbers speak of its length
-- in characters.
--
-- Quartiles come from counted values and interpolate as percentile_cont does; that would hold every value of every
-- column in memory.
{% set columns = delivered_columns() %}
{% set quartiles = {'lower_quartile': 0.25, 'median': 0.5, 'upper_quartile': 0.75} %}
with

videos as (

    select * from {{ ref('fct_videos') }}

),

measured_values as (

    {% for column, type in columns.items() %}
    {% set measure = 'length(' ~ column ~ ')' if type == 'string' else column %}
    select
        cast({{ loop.index }} as bigint) as column_number,
        {{ measure }} as measured_value,
        count(*) as video_count
    from videos
    where {{ column }} is not null
    group by {{ measure }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- The quantile q lies at place q * (n - 1), counted from 0: between the values at the whole places around it.
places as (

    select
        {% for name, quantile in quartiles.items() %}
        cast({{ quantile }} as double) * (sum(video_count) - 1) as {{ name }}_place,
        {% endfor %}
        column_number
    from measured_values
    group by column_number

),

running as (

    select
        column_number,
        cast(measured_value as double) as measured_value,
        sum(video_count) over (
            partition by column_number
            order by measured_value
            rows between unbounded preceding and current row
        ) as running_count
    from measured_values

),

placed as (

    select
        places.*,
        running.measured_value,
        running.running_count
    from running
    inner join places on running.column_number = places.column_number

),

neighbours as (

    select
        {% for name in quartiles %}
        min(case when running_count > floor({{ name }}_place) then measured_value end) as {{ name }}_below,
        min(case when running_count > ceil({{ name }}_place) then measured_value end) as {{ name }}_above,
        max({{ name }}_place - floor({{ name }}_place)) as {{ name }}_part,
        {% endfor %}
        column_number
    from placed
    group by column_number

),

quartiles as (

    select
        {% for name in quartiles %}
        {{ name }}_below + {{ name }}_part * ({{ name }}_above - {{ name }}_below) as {{ name }},
        {% endfor %}
        column_number
    from neighbours

),

profiles as (

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
        cast(sum({{ measure }}) as double) / nullif(count({{ measure }}), 0) as mean,
        -- From exact sums, since threads add in any order, which the last digits of a running deviation would show.
        round(
            sqrt(
                greatest(
                    cast(sum(cast({{ measure }} as decimal(19, 0)) * cast({{ measure }} as decimal(19, 0))) as double)
                    - cast(sum({{ measure }}) as double) * cast(sum({{ measure }}) as double)
                    / nullif(count({{ measure }}), 0),
                    0.0
                )
                / nullif(count({{ measure }}) - 1, 0)
            ),
            6
        ) as standard_deviation
    from videos
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        profiles.*,
        quartiles.lower_quartile,
        quartiles.median,
        quartiles.upper_quartile
    from profiles
    left join quartiles on profiles.column_number = quartiles.column_number

)

select * from final
