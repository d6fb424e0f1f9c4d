{#- The sum of a whole-number column as a double: added up exactly, since a total of counts may be beyond bigint and
    threads add in any order, which the last digits of doubles would show. -#}
{% macro exact_sum(column) -%}
    cast(sum(cast({{ column }} as decimal(18, 0))) as double)
{%- endmacro %}

{#- The same of a column's values, each as often as `video_count` says. DuckDB multiplies decimals of up to 18 digits in
    64 bits, so these have 19 (2026-11). -#}
{% macro exact_sum_of_counted(column) -%}
    cast(sum(cast({{ column }} as decimal(19, 0)) * cast(video_count as decimal(19, 0))) as double)
{%- endmacro %}
