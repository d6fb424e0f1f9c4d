{#- Hours from one moment to a later one, to the second. -#}
{% macro hours_between(earlier, later) -%}
    cast({{ dbt.datediff(earlier, later, "second") }} as double) / 3600
{%- endmacro %}
