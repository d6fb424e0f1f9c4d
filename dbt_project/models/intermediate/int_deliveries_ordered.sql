-- Deliveries in the order in which they count: by their time; one without stands after all that landed before it. Of
-- two with one time the hash of the values decides, so that the order of landing does not.
with

deliveries as (

    select
        delivery_number,
        feed,
        is_blanking_allowed,
        values_hash,
        coalesce(as_of_at, newest_snapshot_at) as dated_at
    from {{ ref('stg_tiktok__deliveries') }}
    where not is_withdrawn

),

placed as (

    select
        delivery_number,
        feed,
        is_blanking_allowed,
        values_hash,
        dated_at is null as is_undated,
        coalesce(
            dated_at,
            max(dated_at) over (
                partition by feed
                order by delivery_number
                rows between unbounded preceding and current row
            )
        ) as placed_at
    from deliveries

),

final as (

    select
        delivery_number,
        feed,
        is_blanking_allowed,
        placed_at,
        row_number() over (
            partition by feed
            order by
                placed_at nulls first,
                is_undated,
                case when is_undated then delivery_number end nulls first,
                values_hash nulls first,
                delivery_number
        ) as delivery_rank
    from placed

)

select * from final
