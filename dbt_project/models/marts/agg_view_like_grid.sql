-- One row per claim status and cell of the plane of views against likes that occurs: a scatter plot that stays small.
with

videos as (

    select * from {{ ref('fct_videos') }}

),

cells as (

    select
        coalesce(label, 'unlabelled') as claim_status,
        {{ log_bin('video_view_count') }} as view_bin_number,
        {{ log_bin('video_like_count') }} as like_bin_number,
        count(*) as video_count
    from videos
    where video_view_count is not null and video_like_count is not null
    group by
        coalesce(label, 'unlabelled'),
        {{ log_bin('video_view_count') }},
        {{ log_bin('video_like_count') }}

),

final as (

    select
        claim_status,
        view_bin_number,
        {{ log_bin_lower('view_bin_number') }} as view_lower_bound,
        {{ log_bin_upper('view_bin_number') }} as view_upper_bound,
        like_bin_number,
        {{ log_bin_lower('like_bin_number') }} as like_lower_bound,
        {{ log_bin_upper('like_bin_number') }} as like_upper_bound,
        video_count
    from cells

)

select * from final
