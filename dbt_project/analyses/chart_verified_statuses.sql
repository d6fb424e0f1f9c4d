select * from {{ ref('agg_videos_by_verified_status') }}
order by verified_status
