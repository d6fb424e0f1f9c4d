-- One row per metric, bin, claim status, verified status and author status that occurs: the dashboard's stacked bars.
with

videos as (

    select * from {{ ref('fct_videos') }}

),

bins as (

    select * from {{ ref('engagement_bins') }}

),

-- Grouped by quarter decades first, so that the bins are joined to few rows; a test holds that no bin cuts one.
grouped as (

    {% for metric, column in count_columns().items() %}
    select
        '{{ metric }}' as metric,
        coalesce(label, 'unlabelled') as claim_status,
        verified_status,
        author_ban_status,
        {{ log_bin(column) }} as log_bin_number,
        count(*) as video_count,
        min(video_id) as first_video_id,
        max(video_id) as last_video_id
    from videos
    where {{ column }} is not null
    group by
        coalesce(label, 'unlabelled'),
        verified_status,
        author_ban_status,
        {{ log_bin(column) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        grouped.metric,
        bins.bin_number,
        bins.bin_label,
        grouped.claim_status,
        grouped.verified_status,
        grouped.author_ban_status,
        cast(sum(grouped.video_count) as bigint) as video_count,
        min(grouped.first_video_id) as first_video_id,
        max(grouped.last_video_id) as last_video_id
    from grouped
    inner join bins
        on {{ log_bin_lower('grouped.log_bin_number') }} between bins.lower_bound and bins.upper_bound
    group by
        grouped.metric,
        bins.bin_number,
        bins.bin_label,
        grouped.claim_status,
        grouped.verified_status,
        grouped.author_ban_status

)

select * from final
