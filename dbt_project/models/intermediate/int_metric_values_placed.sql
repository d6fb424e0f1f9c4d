-- One row per metric, claim scope, claim status and value: its distance from the scope's mean, and whether it lies
-- beyond Tukey's fences. The scope `all` holds both classes.
with

metric_values as (

    select * from {{ ref('int_metric_values_counted') }}
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
        {{ exact_sum_of_counted('metric_value') }} / max(total_count) as mean,
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

final as (

    select
        scoped.metric,
        scoped.claim_scope,
        scoped.claim_status,
        scoped.metric_value,
        scoped.video_count,
        fences.total_count,
        fences.mean,
        fences.upper_fence,
        scoped.metric_value - fences.mean as distance,
        scoped.metric_value < fences.lower_fence or scoped.metric_value > fences.upper_fence as is_outlier
    from scoped
    inner join fences
        on scoped.metric = fences.metric and scoped.claim_scope = fences.claim_scope

)

select * from final
