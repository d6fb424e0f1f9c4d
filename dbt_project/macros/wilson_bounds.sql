{#- The 95 % interval of a share (Wilson's score interval) as two columns; NULL where nothing was counted. -#}
{% macro wilson_bounds(successes, total) -%}
    {%- set z = 1.959963984540054 -%}
    {%- set share = "(cast(" ~ successes ~ " as double) / " ~ total ~ ")" -%}
    {%- for name, sign in [("lower_bound", "-"), ("upper_bound", "+")] %}
        case
            when {{ total }} > 0
                then greatest(0.0, least(1.0, (
                    {{ share }} + {{ z * z / 2 }} / {{ total }} {{ sign }} {{ z }} * sqrt(
                        ({{ share }} * (1 - {{ share }}) + {{ z * z / 4 }} / {{ total }}) / {{ total }}
                    )
                ) / (1 + {{ z * z }} / {{ total }})))
        end as {{ name }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
