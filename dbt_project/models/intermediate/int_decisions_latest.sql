-- The current row of each decision: the one from the newest delivery that holds it.
with

decisions as (

    {{ current_events(ref('stg_tiktok__decisions'), 'decision_id') }}

),

final as (

    select
        decision_id,
        video_id,
        reviewer_id,
        release_id,
        decision,
        lane,
        review_sec,
        selection_probability,
        decided_at,
        delivery_number,
        delivery_row_number,
        delivery_file_name
    from decisions

)

select * from final
