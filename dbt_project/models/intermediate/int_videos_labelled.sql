-- One row per current video: its label, the newest by time of what was delivered and what was decided. A delivered
-- label without a date yields to a decision.
with

videos as (

    select * from {{ ref('int_videos_latest') }}

),

dated_labels as (

    select
        video_id,
        max(snapshot_at) as snapshot_at
    from {{ ref('stg_tiktok__videos') }}
    where claim_status is not null and snapshot_at is not null
    group by video_id

),

ranked_decisions as (

    select
        video_id,
        decision,
        decided_at,
        row_number() over (partition by video_id order by decided_at desc, decision_id desc) as decision_rank
    from {{ ref('int_decisions_latest') }}
    where decision != 'skipped'

),

dated as (

    select
        videos.video_id,
        videos.claim_status,
        dated_labels.snapshot_at,
        decisions.decision,
        decisions.decided_at,
        decisions.decision is not null
        and (
            videos.claim_status is null
            or dated_labels.snapshot_at is null
            or decisions.decided_at > dated_labels.snapshot_at
        ) as is_decided
    from videos
    left join dated_labels on videos.video_id = dated_labels.video_id
    left join ranked_decisions as decisions on videos.video_id = decisions.video_id and decisions.decision_rank = 1

),

final as (

    select
        video_id,
        case when is_decided then decision else claim_status end as label,
        case when is_decided then 'decision' when claim_status is not null then 'delivery' end as label_source,
        case when is_decided then decided_at when claim_status is not null then snapshot_at end as labelled_at
    from dated

)

select * from final
