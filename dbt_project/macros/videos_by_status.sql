{#- One row per value of a status column: the same measures for each, so that the same quantity has the same name. -#}
{% macro videos_by_status(status) -%}
{%- set counts = count_columns() -%}
{#- A claim status is the label in force, which a decision may have given. -#}
{%- set value = 'label' if status == 'claim_status' else status -%}
with

videos as (

    select * from {{ ref('fct_videos') }}

),

medians as (

    select * from {{ ref('int_videos_medians') }} where status_column = '{{ status }}'

),

measures as (

    select
        coalesce({{ value }}, 'unlabelled') as {{ status }},
        count(*) as video_count,
        cast(count(*) as double) / sum(cast(count(*) as double)) over () as video_share,
        count(case when is_claim then 1 end) as claim_count,
        count(case when not is_claim then 1 end) as opinion_count,
        cast(count(case when is_claim then 1 end) as double) / nullif(count(label), 0) as claim_share,
        count(case when is_verified then 1 end) as verified_count,
        {% for metric, column in counts.items() %}
        {{ exact_sum(column) }} as total_{{ metric }},
        {{ exact_sum(column) }} / nullif(count({{ column }}), 0) as mean_{{ metric }},
        {% endfor %}
        {{ exact_sum('video_duration_sec') }} / nullif(count(video_duration_sec), 0) as mean_duration_sec
    from videos
    group by coalesce({{ value }}, 'unlabelled')

),

final as (

    select
        {% for metric in counts %}
        medians.median_{{ metric }},
        {% endfor %}
        measures.*
    from measures
    left join medians on measures.{{ status }} = medians.status

)

select * from final
{%- endmacro %}
