-- One row per video that a person has called claim or opinion: the newest decision.
-- Kept as a table: it is small, and every reader of videos joins it.
{{ config(materialized='table') }}
with

decisions as (

    select * from {{ ref('int_decisions_latest') }}
    where decision != 'skipped'

),

ranked as (

    select
        video_id,
        decision,
        decided_at,
        row_number() over (partition by video_id order by decided_at desc, decision_id desc) as decision_rank
    from decisions

),

final as (

    select
        video_id,
        decision,
        decided_at
    from ranked
    where decision_rank = 1

)

select * from final
