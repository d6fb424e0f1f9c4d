-- One row per delivery: the law that nothing is lost. Delivered = landed + rejected; landed = current + superseded.
with

deliveries as (

    select * from {{ source('landing', 'landed_deliveries') }}

),

landed as (

    select
        delivery_number,
        count(*) as row_count
    from {{ ref('stg_tiktok__videos') }}
    group by delivery_number

),

rejected as (

    select
        delivery_number,
        count(*) as row_count
    from {{ source('landing', 'landed_rejects') }}
    group by delivery_number

),

current_videos as (

    select
        delivery_number,
        count(*) as row_count
    from {{ ref('fct_videos') }}
    group by delivery_number

),

-- Counted apart from the current rows: landed rows whose video a later delivery holds again.
superseded_videos as (

    select
        landed_videos.delivery_number,
        count(*) as row_count
    from {{ ref('stg_tiktok__videos') }} as landed_videos
    inner join {{ ref('fct_videos') }} as current_rows on landed_videos.video_id = current_rows.video_id
    where
        landed_videos.delivery_number < current_rows.delivery_number
        -- With one delivery nothing is left to join.
        and landed_videos.delivery_number < (select max(deliveries.delivery_number) from deliveries)
    group by landed_videos.delivery_number

),

repairs as (

    select
        delivery_number,
        cast(sum(repaired_count) as bigint) as repaired_count
    from {{ source('landing', 'landed_repairs') }}
    group by delivery_number

),

final as (

    select
        deliveries.delivery_number,
        deliveries.delivery_file_name,
        deliveries.delivery_hash,
        deliveries.is_synthetic,
        deliveries.delivery_dialect,
        deliveries.byte_count,
        deliveries.record_count,
        coalesce(landed.row_count, 0) as landed_count,
        coalesce(rejected.row_count, 0) as rejected_count,
        coalesce(current_videos.row_count, 0) as current_count,
        coalesce(superseded_videos.row_count, 0) as superseded_count,
        coalesce(repairs.repaired_count, 0) as repaired_count,
        deliveries.record_count = coalesce(landed.row_count, 0) + coalesce(rejected.row_count, 0)
        and deliveries.landed_count = coalesce(landed.row_count, 0)
        and deliveries.rejected_count = coalesce(rejected.row_count, 0)
        and coalesce(landed.row_count, 0)
        = coalesce(current_videos.row_count, 0) + coalesce(superseded_videos.row_count, 0) as is_reconciled
    from deliveries
    left join landed on deliveries.delivery_number = landed.delivery_number
    left join rejected on deliveries.delivery_number = rejected.delivery_number
    left join current_videos on deliveries.delivery_number = current_videos.delivery_number
    left join superseded_videos on deliveries.delivery_number = superseded_videos.delivery_number
    left join repairs on deliveries.delivery_number = repairs.delivery_number

)

select * from final
