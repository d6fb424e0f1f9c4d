-- Stacked bars of claims and opinions by range; filter on metric, verified_status and author_ban_status.
select
    metric,
    bin_number,
    bin_label,
    claim_status,
    sum(video_count) as video_count
from {{ ref('agg_engagement_bins') }}
where claim_status != 'unlabelled'
group by metric, bin_number, bin_label, claim_status
order by metric, bin_number, claim_status
