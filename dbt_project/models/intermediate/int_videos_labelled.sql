-- One row per current video with its label, the newest by time of what was delivered and what was decided. A delivered
-- label without a date yields to a decision.
with

videos as (

    select * from {{ ref('int_videos_latest') }}

),

decisions as (

    select * from {{ ref('int_videos_decided') }}

),

final as (

    select
        videos.*,
        case when decisions.video_id is not null then decisions.decision else videos.claim_status end as label,
        case
            when decisions.video_id is not null then 'decision'
            when videos.claim_status is not null then 'delivery'
        end as label_source,
        case when decisions.video_id is not null then decisions.decided_at else videos.claim_status_at end
            as labelled_at
    from videos
    left join decisions
        on
            videos.video_id = decisions.video_id
            and (
                videos.claim_status is null
                or videos.claim_status_at is null
                or videos.claim_status_at < decisions.decided_at
            )

)

select * from final
