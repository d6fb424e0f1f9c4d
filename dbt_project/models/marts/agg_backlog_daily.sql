-- One row per day from the first dated event to the newest: what was opened and closed, and what was pending at its
-- end. Cases without a time of opening are stock before the first day; a closing without a time counts on the last
-- one.
{% set target_hours = env_var("CLAIMS_TARGET_HOURS", "24") | float %}
with

days as (

    select * from {{ ref('int_days_listed') }}

),

cases as (

    select
        cases.*,
        cast(cases.opened_at as date) as opened_date,
        case when not cases.is_open then coalesce(cast(cases.closed_at as date), last_days.backlog_date) end
            as closed_date
    from {{ ref('fct_cases') }} as cases
    inner join days as last_days on last_days.is_last

),

stock as (

    select
        count(case when opened_at is null then 1 end) as stock_count,
        count(case when disposition = 'cleared' then 1 end) as cleared_count
    from cases

),

openings as (

    select
        opened_date,
        count(case when not is_reopened then 1 end) as opened_count,
        count(case when is_reopened then 1 end) as reopened_count
    from cases
    where opened_date is not null
    group by opened_date

),

closings as (

    select
        closed_date,
        count(case when closed_by = 'decision' then 1 end) as decided_count,
        count(case when closed_by = 'delivery' then 1 end) as labelled_count,
        percentile_cont(0.5) within group (order by hours_to_decision) as median_hours_to_decision,
        percentile_cont(0.95) within group (order by hours_to_decision) as p95_hours_to_decision,
        cast(count(case when hours_to_decision <= {{ target_hours }} then 1 end) as double)
        / nullif(count(hours_to_decision), 0) as within_target_share
    from cases
    where closed_date is not null
    group by closed_date

),

-- Few rows: the earliest opening of each pair of days stands for its cases.
waiting as (

    select
        opened_date,
        closed_date,
        min(opened_at) as opened_at
    from cases
    where opened_at is not null
    group by opened_date, closed_date

),

oldest as (

    select
        days.backlog_date,
        min(waiting.opened_at) as opened_at
    from days
    inner join waiting
        on
            days.backlog_date >= waiting.opened_date
            and days.backlog_date < coalesce(waiting.closed_date, date '9999-12-31')
    group by days.backlog_date

),

final as (

    select
        cast(days.backlog_date as timestamp) as day_started_at,
        coalesce(openings.opened_count, 0) as opened_count,
        coalesce(openings.reopened_count, 0) as reopened_count,
        coalesce(closings.decided_count, 0) as decided_count,
        coalesce(closings.labelled_count, 0) as labelled_count,
        cast(stock.stock_count + sum(
            coalesce(openings.opened_count, 0) + coalesce(openings.reopened_count, 0)
            - coalesce(closings.decided_count, 0) - coalesce(closings.labelled_count, 0)
        ) over (order by days.backlog_date rows between unbounded preceding and current row) as bigint)
            as pending_count,
        case when days.is_last then stock.cleared_count end as cleared_count,
        {{ hours_between('oldest.opened_at', 'days.ended_at') }} as oldest_age_hours,
        closings.median_hours_to_decision,
        closings.p95_hours_to_decision,
        closings.within_target_share
    from days
    cross join stock
    left join openings on days.backlog_date = openings.opened_date
    left join closings on days.backlog_date = closings.closed_date
    left join oldest on days.backlog_date = oldest.backlog_date

)

select * from final
