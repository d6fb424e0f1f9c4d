-- One row per day from the first dated event of a case to the newest event, at most 10,000 of them.
with

cases as (

    select * from {{ ref('int_cases_opened') }}

),

newest as (

    select * from {{ ref('int_events_newest') }}

),

bounds as (

    select
        least(
            min(cast(coalesce(cases.opened_at, cases.closed_at, newest.event_at) as date)),
            max(cast(newest.event_at as date))
        ) as first_date,
        max(cast(newest.event_at as date)) as last_date,
        max(newest.event_at) as event_at
    from cases
    cross join newest

),

digits as (

    {{ whole_numbers(0, 9, 'digit') }}

),

numbers as (

    select cast(ones.digit + 10 * tens.digit + 100 * hundreds.digit + 1000 * thousands.digit as int) as day_number
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands

),

dated as (

    select
        -- dbt-spark's dateadd is NULL where timestamps have no zone (1.10, 2026-11).
        bounds.first_date + numbers.day_number as backlog_date,
        bounds.last_date,
        bounds.event_at
    from bounds
    cross join numbers

),

final as (

    select
        backlog_date,
        backlog_date = last_date as is_last,
        case
            when backlog_date = last_date then event_at
            else cast(backlog_date + 1 as timestamp)
        end as ended_at
    from dated
    where backlog_date <= last_date

)

select * from final
