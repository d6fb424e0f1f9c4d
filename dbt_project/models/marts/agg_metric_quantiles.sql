-- One row per metric and claim status: the five numbers of a box plot, with its whiskers at 5 and 95 %.
with

videos as (

    select * from {{ ref('fct_videos') }}

),

final as (

    {% set metrics = {
        'duration': 'video_duration_sec',
        'views': 'video_view_count',
        'likes': 'video_like_count',
        'shares': 'video_share_count',
        'downloads': 'video_download_count',
        'comments': 'video_comment_count',
    } %}
    {% for metric, column in metrics.items() %}
    select
        '{{ metric }}' as metric,
        coalesce(claim_status, 'unlabelled') as claim_status,
        count({{ column }}) as video_count,
        cast(min({{ column }}) as double) as minimum,
        percentile_cont(0.05) within group (order by {{ column }}) as percentile_5,
        percentile_cont(0.25) within group (order by {{ column }}) as percentile_25,
        percentile_cont(0.5) within group (order by {{ column }}) as median,
        percentile_cont(0.75) within group (order by {{ column }}) as percentile_75,
        percentile_cont(0.95) within group (order by {{ column }}) as percentile_95,
        cast(max({{ column }}) as double) as maximum,
        avg(cast({{ column }} as double)) as mean
    from videos
    where {{ column }} is not null
    group by coalesce(claim_status, 'unlabelled')
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from final
