-- One row per landed decision, every delivery included; nothing is filtered, trimmed or filled.
with

source as (

    select * from {{ source('landing', 'landed_decisions') }}

),

renamed as (

    select
        -- ids
        decision_id,
        video_id,
        reviewer_id,
        release_id,

        -- strings
        decision,
        lane,

        -- numerics
        review_sec,
        selection_probability,

        -- timestamps
        decided_at,

        -- where the row came from
        delivery_number,
        delivery_row_number,
        delivery_file_name
    from source

)

select * from renamed
