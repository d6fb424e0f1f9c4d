-- For every day, what is pending at its end is what was pending before it, plus opened, less closed; and it is what the
-- cases themselves say, counted apart.
with

days as (

    select * from {{ ref('agg_backlog_daily') }}

),

spans as (

    select
        day_started_at,
        day_started_at + interval 1 day as next_at,
        row_number() over (order by day_started_at desc) as days_to_last,
        pending_count,
        opened_count + reopened_count - decided_count - labelled_count as net_count,
        lag(pending_count) over (order by day_started_at) as pending_before_count
    from days

),

counted as (

    select
        spans.day_started_at,
        spans.pending_count,
        spans.net_count,
        spans.pending_before_count,
        count(cases.case_id) as open_count
    from spans
    left join {{ ref('fct_cases') }} as cases
        on
            coalesce(spans.next_at > cases.opened_at, true)
            and (
                cases.is_open
                or coalesce(spans.next_at <= cases.closed_at, spans.days_to_last > 1)
            )
    group by
        spans.day_started_at,
        spans.pending_count,
        spans.net_count,
        spans.pending_before_count

),

final as (

    select *
    from counted
    where pending_count != open_count or pending_count != pending_before_count + net_count

)

select * from final
