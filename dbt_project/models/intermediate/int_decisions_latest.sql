-- The current row of each decision: the one from the newest delivery that holds it.
with

decisions as (

    select * from {{ ref('stg_tiktok__decisions') }}

),

deliveries as (

    select
        delivery_number,
        delivery_rank
    from {{ ref('int_deliveries_ordered') }}

),

-- Only what a delivery after the first holds can supersede anything; with one delivery this is empty and costs nothing.
later_decisions as (

    select distinct decision_id
    from decisions
    where delivery_number > (select min(all_decisions.delivery_number) from decisions as all_decisions)

),

histories as (

    select
        decisions.decision_id,
        max(deliveries.delivery_rank) as last_rank
    from decisions
    inner join later_decisions on decisions.decision_id = later_decisions.decision_id
    inner join deliveries on decisions.delivery_number = deliveries.delivery_number
    group by decisions.decision_id

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
    inner join deliveries on decisions.delivery_number = deliveries.delivery_number
    left join histories on decisions.decision_id = histories.decision_id
    where deliveries.delivery_rank = coalesce(histories.last_rank, deliveries.delivery_rank)

)

select * from final
