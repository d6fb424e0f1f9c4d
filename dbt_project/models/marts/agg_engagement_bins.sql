-- One row per metric, bin, claim status, verified status and author status that occurs: the dashboard's stacked bars.
with

videos as (

    select * from {{ ref('fct_videos') }}

),

bins as (

    select * from {{ ref('engagement_bins') }}

),

-- Grouped by value first, so that the bins are joined to few rows.
metric_values as (

    {% for metric in ['view', 'like', 'share', 'download', 'comment'] %}
    select
        '{{ metric }}s' as metric,
        coalesce(claim_status, 'unlabelled') as claim_status,
        verified_status,
        author_ban_status,
        video_{{ metric }}_count as metric_value,
        count(*) as video_count
    from videos
    where video_{{ metric }}_count is not null
    group by
        coalesce(claim_status, 'unlabelled'),
        verified_status,
        author_ban_status,
        video_{{ metric }}_count
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        metric_values.metric,
        bins.bin_number,
        bins.bin_label,
        metric_values.claim_status,
        metric_values.verified_status,
        metric_values.author_ban_status,
        cast(sum(metric_values.video_count) as bigint) as video_count
    from metric_values
    inner join bins
        on metric_values.metric_value between bins.lower_bound and bins.upper_bound
    group by
        metric_values.metric,
        bins.bin_number,
        bins.bin_label,
        metric_values.claim_status,
        metric_values.verified_status,
        metric_values.author_ban_status

)

select * from final
