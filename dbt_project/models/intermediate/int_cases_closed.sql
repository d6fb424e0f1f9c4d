-- One row per closing of a video that has not always been labelled, was reported or decided: each decision, and the
-- label that was delivered. `ordered_at` places the undated: a label that came with the video stands before everything,
-- one that came later at the newest event.
-- Kept as a table: Spark plans views within views anew for each that reads them.
{{ config(materialized='table') }}
with

videos as (

    select * from {{ ref('int_videos_latest') }}

),

staged as (

    select * from {{ ref('stg_tiktok__videos') }}

),

decisions as (

    select * from {{ ref('int_decisions_latest') }}
    where decision != 'skipped'

),

unlabelled as (

    select distinct video_id from staged
    where claim_status is null

),

concerned as (

    select video_id from unlabelled
    union
    select video_id from {{ ref('int_reports_latest') }}
    union
    select video_id from decisions

),

dated_labels as (

    select
        video_id,
        min(snapshot_at) as snapshot_at
    from staged
    where claim_status is not null and snapshot_at is not null
    group by video_id

),

newest as (

    select * from {{ ref('int_events_newest') }}

),

closings as (

    select
        decisions.video_id,
        decisions.decision as label,
        'decision' as closed_by,
        decisions.decision_id,
        decisions.decided_at as closed_at,
        decisions.decided_at as ordered_at
    from decisions
    inner join videos on decisions.video_id = videos.video_id
    union all
    select
        videos.video_id,
        videos.claim_status as label,
        'delivery' as closed_by,
        cast(null as string) as decision_id,
        dated_labels.snapshot_at as closed_at,
        coalesce(
            dated_labels.snapshot_at,
            case when unlabelled.video_id is null then timestamp '1900-01-01 00:00:00' else newest.event_at end
        ) as ordered_at
    from videos
    inner join concerned on videos.video_id = concerned.video_id
    left join unlabelled on videos.video_id = unlabelled.video_id
    left join dated_labels on videos.video_id = dated_labels.video_id
    cross join newest
    where videos.claim_status is not null

),

final as (

    select
        closings.*,
        row_number() over (
            partition by video_id
            order by ordered_at, closed_by, decision_id
        ) as closing_number
    from closings

)

select * from final
