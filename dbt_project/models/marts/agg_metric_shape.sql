-- One row per metric and claim scope: spread, skewness, and what the rule of Tukey calls outliers. Skewness and
-- kurtosis are computed by hand, since engines define theirs differently. `all` mixes the classes: what is skewed or
-- far out there may be neither within its class.
with

metric_values as (

    select * from {{ ref('int_videos_counted') }}
    where claim_status != 'unlabelled'

),

scoped as (

    select
        metric,
        claim_status as claim_scope,
        claim_status,
        metric_value,
        video_count
    from metric_values
    union all
    select
        metric,
        'all' as claim_scope,
        claim_status,
        metric_value,
        video_count
    from metric_values

),

ordered as (

    select
        scoped.*,
        sum(video_count) over (
            partition by metric, claim_scope
            order by metric_value, claim_status
            rows between unbounded preceding and current row
        ) as running_count,
        sum(video_count) over (partition by metric, claim_scope) as total_count
    from scoped

),

quartiles as (

    select
        metric,
        claim_scope,
        max(total_count) as total_count,
        sum(cast(metric_value as double) * video_count) / max(total_count) as mean,
        min(case when running_count >= 0.25 * total_count then metric_value end) as lower_quartile,
        min(case when running_count >= 0.75 * total_count then metric_value end) as upper_quartile
    from ordered
    group by metric, claim_scope

),

fences as (

    select
        metric,
        claim_scope,
        total_count,
        mean,
        lower_quartile - 1.5 * (upper_quartile - lower_quartile) as lower_fence,
        upper_quartile + 1.5 * (upper_quartile - lower_quartile) as upper_fence
    from quartiles

),

placed as (

    select
        scoped.metric,
        scoped.claim_scope,
        scoped.claim_status,
        scoped.video_count,
        fences.total_count,
        fences.mean,
        fences.upper_fence,
        scoped.metric_value - fences.mean as distance,
        scoped.metric_value < fences.lower_fence or scoped.metric_value > fences.upper_fence as is_outlier
    from scoped
    inner join fences
        on scoped.metric = fences.metric and scoped.claim_scope = fences.claim_scope

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
