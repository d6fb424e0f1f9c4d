select * from {{ ref('agg_videos_by_claim_status') }}
order by claim_status
