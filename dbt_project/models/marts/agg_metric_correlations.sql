-- One row per claim status and pair of metrics. `all` mixes the classes: what it shows beyond the classes' own rows is
-- the distance between them.
--
-- Each class is read once, and `all` is the sum of the classes. The sums of products are exact decimals, so that the
-- coefficients do not depend on the order of the rows, as a running mean would.
{% set metrics = metric_columns() %}
{% set names = metrics | list %}
with

videos as (

    select
        claim_status,
    {% for metric, column in metrics.items() %}
    cast({{ column }} as decimal(18, 0)) as {{ metric }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('fct_videos') }}
    where
        is_labelled
        {% for column in metrics.values() %}
        and {{ column }} is not null
        {% endfor %}

),

class_sums as (

    select
        claim_status as claim_scope,
        {% for metric in names %}
        min({{ metric }}) as {{ metric }}_minimum,
        max({{ metric }}) as {{ metric }}_maximum,
        cast(sum({{ metric }}) as decimal(38, 0)) as {{ metric }}_sum,
        {% for other in names[loop.index0:] %}
        cast(sum({{ metric }} * {{ other }}) as decimal(38, 0)) as {{ metric }}_{{ other }}_sum,
        {% endfor %}
        {% endfor %}
        count(*) as video_count
    from videos
    group by claim_status

),

scoped_sums as (

    select * from class_sums
    union all
    select
        'all' as claim_scope,
        {% for metric in names %}
        min({{ metric }}_minimum) as {{ metric }}_minimum,
        max({{ metric }}_maximum) as {{ metric }}_maximum,
        cast(sum({{ metric }}_sum) as decimal(38, 0)) as {{ metric }}_sum,
        {% for other in names[loop.index0:] %}
        cast(sum({{ metric }}_{{ other }}_sum) as decimal(38, 0)) as {{ metric }}_{{ other }}_sum,
        {% endfor %}
        {% endfor %}
        cast(sum(video_count) as bigint) as video_count
    from class_sums
    having count(*) > 0

),

-- n times the sum of products about the means: numerators, and the squares of the denominators.
deviations as (

    select
        claim_scope,
        {% for metric in names %}
        {{ metric }}_minimum < {{ metric }}_maximum as {{ metric }}_varies,
        {% for other in names[loop.index0:] %}
        cast(video_count as double) * cast({{ metric }}_{{ other }}_sum as double)
        - cast({{ metric }}_sum as double) * cast({{ other }}_sum as double) as {{ metric }}_{{ other }},
        {% endfor %}
        {% endfor %}
        video_count
    from scoped_sums

),

final as (

    {% for first in names %}
    {% set outer_loop = loop %}
    {% for second in names %}
    {% set pair = first ~ '_' ~ second if outer_loop.index <= loop.index else second ~ '_' ~ first %}
    select
        claim_scope,
        '{{ first }}' as first_metric,
        '{{ second }}' as second_metric,
        case
            when {{ first }}_varies and {{ second }}_varies
            {% if first == second %}
                then cast(1 as double)
            {% else %}
                then {{ pair }} / sqrt({{ first }}_{{ first }}) / sqrt({{ second }}_{{ second }})
            {% endif %}
        end as coefficient,
        video_count
    from deviations
    {% if not (loop.last and outer_loop.last) %}union all{% endif %}
    {% endfor %}
    {% endfor %}

)

select * from final
