-- One row per delivery of any feed.
with

source as (

    select * from {{ source('landing', 'landed_deliveries') }}

),

renamed as (

    select
        -- ids
        delivery_number,

        -- strings
        feed,
        delivery_file_name,
        delivery_hash,
        values_hash,

        -- booleans
        coalesce(is_blanking_allowed, false) as is_blanking_allowed,
        coalesce(is_withdrawn, false) as is_withdrawn,

        -- timestamps
        cast(as_of as timestamp) as as_of_at,
        cast(newest_snapshot as timestamp) as newest_snapshot_at
    from source

)

select * from renamed
