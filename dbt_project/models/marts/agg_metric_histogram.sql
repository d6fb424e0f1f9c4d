-- One row per metric, claim status and bin that occurs. Counts span decades, so their bins widen with the count; the
-- duration has bins of five seconds.
with

videos as (

    select * from {{ ref('fct_videos') }}

),

metric_values as (

    {% for metric in ['view', 'like', 'share', 'download', 'comment'] %}
    select
        '{{ metric }}s' as metric,
        coalesce(claim_status, 'unlabelled') as claim_status,
        {{ log_bin('video_' ~ metric ~ '_count') }} as bin_number
    from videos
    where video_{{ metric }}_count is not null
    union all
    {% endfor %}
    select
        'duration' as metric,
        coalesce(claim_status, 'unlabelled') as claim_status,
        cast(floor(video_duration_sec / 5.0) as bigint) as bin_number
    from videos

),

binned as (

    select
        metric,
        claim_status,
        bin_number,
        count(*) as video_count
    from metric_values
    group by metric, claim_status, bin_number

),

final as (

    select
        metric,
        claim_status,
        bin_number,
        case when metric = 'duration' then 5 * bin_number else {{ log_bin_lower('bin_number') }} end as lower_bound,
        case when metric = 'duration' then 5 * bin_number + 4 else {{ log_bin_upper('bin_number') }} end as upper_bound,
        video_count
    from binned

)

select * from final
