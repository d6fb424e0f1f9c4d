{#- One row per value of a status column: the same measures for each, so that the same quantity has the same name. -#}
{% macro videos_by_status(status) -%}
{%- set counts = ["view", "like", "share", "download", "comment"] -%}
with

videos as (

    select * from {{ ref('fct_videos') }}

),

medians as (

    select * from {{ ref('int_videos_medians') }} where status_column = '{{ status }}'

),

measures as (

    select
        coalesce({{ status }}, 'unlabelled') as {{ status }},
        count(*) as video_count,
        cast(count(*) as double) / sum(cast(count(*) as double)) over () as video_share,
        count(case when is_claim then 1 end) as claim_count,
        count(case when not is_claim then 1 end) as opinion_count,
        cast(count(case when is_claim then 1 end) as double) / nullif(count(claim_status), 0) as claim_share,
        count(case when is_verified then 1 end) as verified_count,
        {% for count in counts %}
        cast(sum(video_{{ count }}_count) as bigint) as {{ count }}_count,
        cast(sum(video_{{ count }}_count) as double) / nullif(count(video_{{ count }}_count), 0) as mean_{{ count }}s,
        {% endfor %}
        cast(sum(video_duration_sec) as double) / nullif(count(video_duration_sec), 0) as mean_duration_sec
    from videos
    group by coalesce({{ status }}, 'unlabelled')

),

final as (

    select
        {% for count in counts %}
        medians.median_{{ count }}s,
        {% endfor %}
        measures.*
    from measures
    left join medians on measures.{{ status }} = medians.status

)

select * from final
{%- endmacro %}
