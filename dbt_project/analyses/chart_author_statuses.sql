select * from {{ ref('agg_videos_by_author_status') }}
order by author_ban_status
