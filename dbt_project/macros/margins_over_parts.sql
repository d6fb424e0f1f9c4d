{#- CTEs from measures of equal parts to the margin of their 95 % interval (Student's t): the last one, `margins`, has a
    row for each combination of `keys`.

    Mean and margin come from exact sums, since threads add in any order, which the last digits of doubles would show.

    parts: a relation with `keys`, `part_number` from 1 (0 is the whole and left out) and the measures, shares or
    differences of shares; student_t: the quantile for one degree of freedom less than there are parts. -#}
{% macro margins_over_parts(parts, keys, measures, part_total, student_t) -%}
{%- set grouping = parts ~ "." ~ keys | join(", " ~ parts ~ ".") -%}
means as (

    select
        {% for measure in measures %}
        cast(sum(cast({{ measure }} as decimal(18, 15))) as double)
        / nullif(count({{ measure }}), 0) as mean_{{ measure }},
        {% endfor %}
        {{ keys | join(", ") }}
    from {{ parts }}
    where part_number > 0
    group by {{ keys | join(", ") }}

),

margins as (

    select
        {% for measure in measures %}
        {{ student_t }} / sqrt({{ part_total }}) * sqrt(
            cast(
                sum(
                    cast(
                        ({{ parts }}.{{ measure }} - means.mean_{{ measure }})
                        * ({{ parts }}.{{ measure }} - means.mean_{{ measure }}) as decimal(28, 27)
                    )
                ) as double
            ) / nullif(count({{ parts }}.{{ measure }}) - 1, 0)
        ) as {{ measure }}_margin,
        {% endfor %}
        {{ grouping }}
    from {{ parts }}
    inner join means
        on {% for key in keys %}{{ "and " if not loop.first }}{{ parts }}.{{ key }} = means.{{ key }} {% endfor %}

    where {{ parts }}.part_number > 0
    group by {{ grouping }}

)
{%- endmacro %}
