-- One row per order of review and capacity: what each order gets ahead of, and which one is chosen.
with

coverage as (

    select * from {{ source('ml', 'queue_policy_coverage') }}

),

final as (

    select
        policy,
        policy_number,
        capacity_share,
        covered_share,
        covered_share_lower_bound,
        covered_share_upper_bound,
        beaten_by,
        is_oracle,
        is_in_force,
        reason,
        video_count
    from coverage

)

select * from final
