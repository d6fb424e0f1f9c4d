select * from {{ ref('agg_videos_by_all_statuses') }}
order by claim_status, verified_status, author_ban_status
