-- One row per metric, claim status and bin that occurs. Counts span decades, so their bins widen with the count; the
-- duration has bins of five seconds.
with

metric_values as (

    select * from {{ ref('int_metric_values_counted') }}

),

numbered as (

    select
        metric,
        claim_status,
        case
            when metric = 'duration' then cast(floor(metric_value / 5.0) as bigint)
            else {{ log_bin('metric_value') }}
        end as bin_number,
        video_count
    from metric_values

),

binned as (

    select
        metric,
        claim_status,
        bin_number,
        cast(sum(video_count) as bigint) as video_count
    from numbered
    group by metric, claim_status, bin_number

),

final as (

    select
        metric,
        claim_status,
        bin_number,
        case when metric = 'duration' then 5 * bin_number else {{ log_bin_lower('bin_number') }} end as lower_bound,
        case when metric = 'duration' then 5 * bin_number + 4 else {{ log_bin_upper('bin_number') }} end as upper_bound,
        video_count
    from binned

)

select * from final
