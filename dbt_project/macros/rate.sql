{#- One count per another, NULL where the row is flagged or the denominator is zero. -#}
{% macro rate(numerator, denominator) -%}
    case
        when flag_reason is null
            then cast({{ numerator }} as double) / cast(nullif({{ denominator }}, 0) as double)
    end
{%- endmacro %}
