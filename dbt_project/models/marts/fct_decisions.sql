-- One row per decision on a video that has landed.
with

decisions as (

    select * from {{ ref('int_decisions_latest') }}

),

videos as (

    select * from {{ ref('fct_videos') }}

),

final as (

    select
        decisions.decision_id,
        decisions.video_id,
        decisions.decision,
        decisions.decided_at,
        decisions.lane,
        decisions.selection_probability,
        decisions.review_sec,
        decisions.release_id,
        decisions.decision != 'skipped' and decisions.decision != videos.claim_status as is_against_delivered_label,
        {{ hashed_identity('decisions.reviewer_id') }} as reviewer_hash
    from decisions
    inner join videos on decisions.video_id = videos.video_id

)

select * from final
