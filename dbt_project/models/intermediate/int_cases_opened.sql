-- One row per episode of a video: opened when it came without a label or was reported without one, closed by the
-- next decision or delivered label, opened again when enough people report it after that. A first opening has the
-- time of its first dated sign, a snapshot without label or a report.
-- Kept as a table: Spark plans views within views anew for each that reads them.
{{ config(materialized='table') }}
with

closings as (

    select * from {{ ref('int_cases_closed') }}

),

reported as (

    select * from {{ ref('int_cases_reported') }}

),

signs as (

    select
        video_id,
        snapshot_at as sign_at
    from {{ ref('stg_tiktok__videos') }}
    where claim_status is null
    union all
    select
        video_id,
        first_reported_at as sign_at
    from reported
    where closing_count = 0

),

opened as (

    select
        video_id,
        cast(0 as bigint) as closing_count,
        min(sign_at) as opened_at
    from signs
    group by video_id
    union all
    select
        video_id,
        closing_count,
        reopened_at as opened_at
    from reported
    where closing_count > 0 and reopened_at is not null

),

numbered as (

    select
        opened.*,
        row_number() over (partition by video_id order by closing_count) as episode_number
    from opened

),

final as (

    select
        numbered.video_id,
        cast(numbered.episode_number as bigint) as episode_number,
        numbered.closing_count,
        numbered.opened_at,
        closings.closed_at,
        closings.closed_by,
        closings.label,
        closings.closing_number is null as is_open,
        numbered.closing_count > 0 as is_reopened,
        case
            when closings.closed_by = 'decision' then {{ hours_between('numbered.opened_at', 'closings.closed_at') }}
        end as hours_to_decision
    from numbered
    left join closings
        on numbered.video_id = closings.video_id and numbered.closing_count + 1 = closings.closing_number

)

select * from final
