{#- A query of the whole numbers from `first` to `last`, both among them. -#}
{% macro whole_numbers(first, last, name) -%}
    {% for number in range(first, last + 1) -%}
    select cast({{ number }} as bigint) as {{ name }}
    {%- if not loop.last %} union all {% endif %}
    {%- endfor %}
{%- endmacro %}
