-- The current row of each decision: the one from the highest delivery that holds it.
with

decisions as (

    select * from {{ ref('stg_tiktok__decisions') }}

),

-- Only rows after the first delivery can supersede anything; with one delivery this is empty and costs nothing.
later_decisions as (

    select
        decision_id,
        max(delivery_number) as delivery_number
    from decisions
    where delivery_number > (select min(all_decisions.delivery_number) from decisions as all_decisions)
    group by decision_id

),

final as (

    select
        decisions.decision_id,
        decisions.video_id,
        decisions.reviewer_id,
        decisions.release_id,
        decisions.decision,
        decisions.lane,
        decisions.review_sec,
        decisions.selection_probability,
        decisions.decided_at,
        decisions.delivery_number,
        decisions.delivery_row_number,
        decisions.delivery_file_name
    from decisions
    left join later_decisions on decisions.decision_id = later_decisions.decision_id
    where decisions.delivery_number = coalesce(later_decisions.delivery_number, decisions.delivery_number)

)

select * from final
