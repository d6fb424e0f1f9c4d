-- One row per claim status and pair of metrics. `all` mixes the classes: what it shows beyond the classes' own rows is
-- the distance between them.
{% set names = metric_columns() | list %}
with

sums as (

    select * from {{ ref('int_metric_pairs_summed') }}

),

centres as (

    select
        {% for metric in names %}
        cast(round(cast({{ metric }}_sum as double) / video_count, 0) as decimal(19, 0)) as {{ metric }}_centre,
        {% endfor %}
        cast(video_count as decimal(19, 0)) as weight,
        sums.*
    from sums

),

-- Sums of products about the means: exactly about whole numbers next to them, so that nothing cancels where a metric
-- hardly varies, then less what those are off.
deviations as (

    select
        claim_scope,
        {% for metric in names %}
        {% for other in names[loop.index0:] %}
        cast(
            {{ metric }}_{{ other }}_sum - {{ metric }}_centre * {{ other }}_sum
            - {{ other }}_centre * {{ metric }}_sum + weight * {{ metric }}_centre * {{ other }}_centre as double
        )
        - cast({{ metric }}_sum - weight * {{ metric }}_centre as double)
        * cast({{ other }}_sum - weight * {{ other }}_centre as double) / video_count as {{ metric }}_{{ other }},
        {% endfor %}
        {% endfor %}
        video_count
    from centres

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
            when {{ first }}_{{ first }} > 0 and {{ second }}_{{ second }} > 0
            {% if first == second %}
                then cast(1 as double)
            {% else %}
                -- Rounding may carry a perfect correlation past its end.
                then
                    greatest(
                        -1.0, least(1.0, {{ pair }} / sqrt({{ first }}_{{ first }}) / sqrt({{ second }}_{{ second }}))
                    )
            {% endif %}
        end as coefficient,
        video_count
    from deviations
    {% if not (loop.last and outer_loop.last) %}union all{% endif %}
    {% endfor %}
    {% endfor %}

)

select * from final
