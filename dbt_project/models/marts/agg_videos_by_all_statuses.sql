-- One row per claim status, verified status and author status that occurs: the cross tab behind every filter.
with

videos as (

    select * from {{ ref('fct_videos') }}

),

final as (

    select
        coalesce(label, 'unlabelled') as claim_status,
        verified_status,
        author_ban_status,
        count(*) as video_count,
        cast(count(*) as double) / sum(cast(count(*) as double)) over () as video_share,
        {{ exact_sum('video_view_count') }} as total_views,
        percentile_cont(0.5) within group (order by video_view_count) as median_views
    from videos
    group by coalesce(label, 'unlabelled'), verified_status, author_ban_status

)

select * from final
