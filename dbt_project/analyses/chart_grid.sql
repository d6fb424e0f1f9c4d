select * from {{ ref('agg_view_like_grid') }}
order by claim_status, view_bin_number, like_bin_number
