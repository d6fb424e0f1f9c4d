-- One row per landed report, every delivery included; nothing is filtered, trimmed or filled.
with

source as (

    select * from {{ source('landing', 'landed_reports') }}

),

renamed as (

    select
        -- ids
        report_id,
        video_id,
        comment_id,
        reporter_id,

        -- strings
        reported_item,
        report_reason,

        -- timestamps
        reported_at,

        -- where the row came from
        delivery_number,
        delivery_row_number,
        delivery_file_name
    from source

)

select * from renamed
