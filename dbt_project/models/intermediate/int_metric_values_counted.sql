-- One row per metric, claim status and value that occurs, with its number of videos. Kept as a table: four marts count
-- or sort the values, and the videos are read and grouped once.
{{ config(materialized='table') }}
with

videos as (

    select * from {{ ref('int_videos_labelled') }}

),

final as (

    {% for metric, column in metric_columns().items() %}
    select
        '{{ metric }}' as metric,
        '{{ column }}' as column_name,
        coalesce(label, 'unlabelled') as claim_status,
        {{ column }} as metric_value,
        count(*) as video_count
    from videos
    where {{ column }} is not null
    group by coalesce(label, 'unlabelled'), {{ column }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from final
