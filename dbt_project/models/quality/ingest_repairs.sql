-- One row per delivery, kind of repair and column: what ingest changed so that the delivery reads like any other.
with

repairs as (

    select * from {{ source('landing', 'landed_repairs') }}

),

final as (

    select
        delivery_number,
        delivery_file_name,
        repair_kind,
        column_name,
        repaired_count,
        example_before,
        example_after
    from repairs

)

select * from final
