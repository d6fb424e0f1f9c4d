-- One row per step of a run, up to the moment of this build; a line that a crash cut short is left out.
with

ledger_lines as (

    select * from {{ source('operations', 'run_ledger_lines') }}

),

final as (

    select
        run_id,
        step_number,
        step,
        status,
        -- The ledger writes UTC with a final Z, which engines read in different ways.
        cast(replace(started_at, 'Z', '') as timestamp) as started_at,
        cast(replace(ended_at, 'Z', '') as timestamp) as ended_at,
        duration_sec,
        peak_memory_byte_count,
        row_count,
        detail,
        error,
        code_version,
        input_hashes
    from ledger_lines
    where run_id is not null and step_number is not null

)

select * from final
