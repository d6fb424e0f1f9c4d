-- agg_engagement_bins counts by quarter decades before it joins the bins: a bin may begin only where one of them does.
with

bins as (

    select * from {{ ref('engagement_bins') }}

),

final as (

    select
        bin_number,
        lower_bound
    from bins
    where lower_bound != {{ log_bin_lower(log_bin('lower_bound')) }}

)

select * from final
