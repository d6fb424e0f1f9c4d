-- One row per delivered record that could not be read, with its raw text and the reason.
with

rejects as (

    select * from {{ source('landing', 'landed_rejects') }}

),

final as (

    select
        delivery_number,
        delivery_file_name,
        delivery_row_number,
        delivery_line_number,
        rejected_column,
        reject_reason,
        raw_text
    from rejects

)

select * from final
