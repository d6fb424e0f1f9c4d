-- One row per report of a video that has landed, or of a comment under it. Reports of unknown videos wait for theirs
-- (quality.reconciliation counts them).
with

reports as (

    select * from {{ ref('int_reports_placed') }}

),

final as (

    select
        report_id,
        video_id,
        reported_item,
        report_reason,
        reported_at,
        {{ hashed_identity('reporter_id') }} as reporter_hash
    from reports

)

select * from final
