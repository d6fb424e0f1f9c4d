{#- CTEs from counted values to quantiles: the last one, `quantiles`, has a row for each combination of `keys`.

    They interpolate between two values as percentile_cont does, which would hold every single value in memory, once per
    quantile and thread; these group and sort, and can spill.

    counted: a relation with `keys`, `value` and `video_count`; quantiles: name of the column to its share. -#}
{% macro counted_quantiles(counted, keys, value, quantiles) -%}
{%- set keys_in_words = keys | join(", ") -%}
running as (

    select
        {{ keys_in_words }},
        cast({{ value }} as double) as quantile_value,
        sum(video_count) over (
            partition by {{ keys_in_words }}
            order by {{ value }}
            rows between unbounded preceding and current row
        ) as running_count,
        sum(video_count) over (partition by {{ keys_in_words }}) as total_count
    from {{ counted }}

),

-- The quantile q lies at place q * (n - 1), counted from 0: between the values at the whole places around it.
placed as (

    select
        {% for name, quantile in quantiles.items() %}
        cast({{ quantile }} as double) * (total_count - 1) as {{ name }}_place,
        {% endfor %}
        running.*
    from running

),

neighbours as (

    select
        {% for name in quantiles %}
        max({{ name }}_place - floor({{ name }}_place)) as {{ name }}_part,
        min(case when running_count > floor({{ name }}_place) then quantile_value end) as {{ name }}_below,
        min(case when running_count > ceil({{ name }}_place) then quantile_value end) as {{ name }}_above,
        {% endfor %}
        {{ keys_in_words }}
    from placed
    group by {{ keys_in_words }}

),

quantiles as (

    select
        {% for name in quantiles %}
        {{ name }}_below + {{ name }}_part * ({{ name }}_above - {{ name }}_below) as {{ name }},
        {% endfor %}
        {{ keys_in_words }}
    from neighbours

)
{%- endmacro %}
