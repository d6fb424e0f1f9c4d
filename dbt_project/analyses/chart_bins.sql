select * from {{ ref('agg_engagement_bins') }}
order by metric, bin_number, claim_status, verified_status, author_ban_status
