-- One row: the newest moment that anything landed speaks of. It is «now» wherever an age is told, never the clock.
with

moments as (

    select max(reported_at) as event_at from {{ ref('int_reports_latest') }}
    union all
    select max(decided_at) as event_at from {{ ref('int_decisions_latest') }}
    union all
    select max(snapshot_at) as event_at from {{ ref('stg_tiktok__videos') }}

),

final as (

    select max(event_at) as event_at from moments

)

select * from final
