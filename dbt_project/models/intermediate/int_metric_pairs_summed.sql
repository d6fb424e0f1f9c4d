-- One row per claim scope: whole-number sums of every metric and of every product of two, over labelled videos with
-- all metrics that are delivered at all. Each class is read once, and the scope `all` is the sum of the classes.
--
-- A metric is counted from its smallest value, in units that keep it below a trillion (1 unless its range is wider),
-- so that the sums are exact and within 38 digits whatever the values are and however many.
{% set metrics = metric_columns() %}
{% set names = metrics | list %}
with

videos as (

    select * from {{ ref('int_videos_labelled') }}

),

ranges as (

    select
    {% for metric in names %}
        min(case when metric = '{{ metric }}' then metric_value end) as {{ metric }}_minimum,
        max(case when metric = '{{ metric }}' then metric_value end) as {{ metric }}_maximum
        {{- "," if not loop.last }}
    {% endfor %}
    from {{ ref('int_metric_values_counted') }}
    where claim_status != 'unlabelled'

),

units as (

    select
    {% for metric in names %}
        cast(ceil(({{ metric }}_maximum - {{ metric }}_minimum + 1) / 1000000000000.0) as bigint) as {{ metric }}_unit,
        {{ metric }}_minimum{{ "," if not loop.last }}
    {% endfor %}
    from ranges

),

placed as (

    select
        {% for metric, column in metrics.items() %}
        cast(
            round(cast(videos.{{ column }} - units.{{ metric }}_minimum as double) / units.{{ metric }}_unit, 0)
            as decimal(19, 0)
        ) as {{ metric }},
        {% endfor %}
        videos.label
    from videos
    cross join units
    where
        videos.label is not null
        {% for metric, column in metrics.items() %}
        and (videos.{{ column }} is not null or units.{{ metric }}_minimum is null)
        {% endfor %}

),

class_sums as (

    select
        label as claim_scope,
        {% for metric in names %}
        cast(sum({{ metric }}) as decimal(25, 0)) as {{ metric }}_sum,
        {% for other in names[loop.index0:] %}
        cast(sum({{ metric }} * {{ other }}) as decimal(38, 0)) as {{ metric }}_{{ other }}_sum,
        {% endfor %}
        {% endfor %}
        count(*) as video_count
    from placed
    group by label

),

final as (

    select * from class_sums
    union all
    select
        'all' as claim_scope,
        {% for metric in names %}
        cast(sum({{ metric }}_sum) as decimal(25, 0)) as {{ metric }}_sum,
        {% for other in names[loop.index0:] %}
        cast(sum({{ metric }}_{{ other }}_sum) as decimal(38, 0)) as {{ metric }}_{{ other }}_sum,
        {% endfor %}
        {% endfor %}
        cast(sum(video_count) as bigint) as video_count
    from class_sums
    having count(*) > 0

)

select * from final
