-- One row per metric and claim scope: spread, skewness, and what the rule of Tukey calls outliers. Skewness and
-- kurtosis are computed by hand, since engines define theirs differently. `all` mixes the classes: what is skewed or
-- far out there may be neither within its class.
with

placed as (

    select * from {{ ref('int_metric_values_placed') }}

),

moments as (

    select
        metric,
        claim_scope,
        max(total_count) as total_count,
        max(mean) as mean,
        max(upper_fence) as upper_fence,
        sum(video_count * distance * distance) / max(total_count) as second_moment,
        sum(video_count * distance * distance * distance) / max(total_count) as third_moment,
        sum(video_count * distance * distance * distance * distance) / max(total_count) as fourth_moment,
        sum(case when is_outlier then video_count else 0 end) as outlier_count,
        sum(case when is_outlier and claim_status = 'claim' then video_count else 0 end) as claim_outlier_count
    from placed
    group by metric, claim_scope

),

final as (

    select
        metric,
        claim_scope,
        cast(total_count as bigint) as video_count,
        mean,
        -- Threads add in any order, which the last digits would show.
        round(sqrt(second_moment), 6) as standard_deviation,
        round(third_moment / nullif(power(second_moment, 1.5), 0), 6) as skewness_coefficient,
        round(fourth_moment / nullif(second_moment * second_moment, 0) - 3, 6) as excess_kurtosis,
        cast(upper_fence as double) as upper_fence,
        cast(outlier_count as bigint) as outlier_count,
        cast(claim_outlier_count as bigint) as claim_outlier_count,
        case
            when claim_scope = 'claim' or claim_scope = 'opinion' then 'Compared with videos of the same class.'
            when outlier_count = 0 then 'No value lies beyond the pooled fence.'
            when claim_outlier_count = outlier_count
                then 'Every value beyond the pooled fence is a claim: the rule finds a class, not errors. Keep them.'
            else 'The pooled fence mixes claims and opinions: read the classes instead.'
        end as reading
    from moments

)

select * from final
