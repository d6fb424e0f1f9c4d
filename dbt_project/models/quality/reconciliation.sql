-- One row per delivery: the law that nothing is lost. Delivered = landed + rejected; landed = current + superseded +
-- erased.
{% set feeds = {
    "videos": {"key": "video_id", "current": "fct_videos"},
    "reports": {"key": "report_id", "current": "int_reports_latest"},
    "decisions": {"key": "decision_id", "current": "int_decisions_latest"},
} %}
with

deliveries as (

    select
        *,
        -- Landings of earlier versions do not count what was erased.
        coalesce(erased_count, 0) as gone_count
    from {{ source('landing', 'landed_deliveries') }}

),

landed as (

    {% for feed in feeds %}
    select
        delivery_number,
        count(*) as row_count
    from {{ ref('stg_tiktok__' ~ feed) }}
    group by delivery_number
    {{ "union all" if not loop.last }}
    {% endfor %}

),

rejected as (

    select
        delivery_number,
        count(*) as row_count
    from {{ source('landing', 'landed_rejects') }}
    group by delivery_number

),

current_rows as (

    {% for feed, names in feeds.items() %}
    select
        delivery_number,
        count(*) as row_count
    from {{ ref(names.current) }}
    group by delivery_number
    {{ "union all" if not loop.last }}
    {% endfor %}

),

histories as (

    select
        video_id,
        count(*) as record_count
    from {{ ref('int_videos_ranked') }}
    group by video_id

),

-- Counted apart from the current rows: records that a newer one of the same video, report or decision stands above.
superseded as (

    select
        ranked.delivery_number,
        count(*) as row_count
    from {{ ref('int_videos_ranked') }} as ranked
    inner join histories on ranked.video_id = histories.video_id
    where ranked.record_order < histories.record_count
    group by ranked.delivery_number
    {% for feed, names in feeds.items() if feed != "videos" %}
    union all
    select
        landed_rows.delivery_number,
        count(*) as row_count
    from {{ ref('stg_tiktok__' ~ feed) }} as landed_rows
    inner join {{ ref(names.current) }} as current_records
        on landed_rows.{{ names.key }} = current_records.{{ names.key }}
    where landed_rows.delivery_number != current_records.delivery_number
    group by landed_rows.delivery_number
    {% endfor %}

),

-- Reports and decisions may come before their video.
waiting as (

    {% for feed in feeds if feed != "videos" %}
    select
        records.delivery_number,
        count(*) as row_count
    from {{ ref(feeds[feed].current) }} as records
    left join {{ ref('fct_videos') }} as videos on records.video_id = videos.video_id
    where videos.video_id is null
    group by records.delivery_number
    {{ "union all" if not loop.last }}
    {% endfor %}

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
        deliveries.feed,
        deliveries.delivery_file_name,
        deliveries.delivery_hash,
        deliveries.is_synthetic,
        coalesce(deliveries.is_withdrawn, false) as is_withdrawn,
        deliveries.delivery_dialect,
        deliveries.byte_count,
        deliveries.record_count,
        coalesce(landed.row_count, 0) + deliveries.gone_count as landed_count,
        coalesce(rejected.row_count, 0) as rejected_count,
        coalesce(current_rows.row_count, 0) as current_count,
        coalesce(superseded.row_count, 0) as superseded_count,
        deliveries.gone_count as erased_count,
        case
            when deliveries.is_withdrawn then deliveries.landed_count - deliveries.gone_count
            else 0
        end as withdrawn_count,
        coalesce(waiting.row_count, 0) as waiting_count,
        coalesce(repairs.repaired_count, 0) as repaired_count,
        case
            -- Nothing of a withdrawn delivery is left.
            when deliveries.is_withdrawn then coalesce(landed.row_count, 0) + coalesce(rejected.row_count, 0) = 0
            else
                deliveries.record_count
                = coalesce(landed.row_count, 0) + deliveries.gone_count + coalesce(rejected.row_count, 0)
                and deliveries.landed_count = coalesce(landed.row_count, 0) + deliveries.gone_count
                and deliveries.rejected_count = coalesce(rejected.row_count, 0)
        end
        and coalesce(landed.row_count, 0)
        = coalesce(current_rows.row_count, 0) + coalesce(superseded.row_count, 0) as is_reconciled
    from deliveries
    left join landed on deliveries.delivery_number = landed.delivery_number
    left join rejected on deliveries.delivery_number = rejected.delivery_number
    left join current_rows on deliveries.delivery_number = current_rows.delivery_number
    left join superseded on deliveries.delivery_number = superseded.delivery_number
    left join waiting on deliveries.delivery_number = waiting.delivery_number
    left join repairs on deliveries.delivery_number = repairs.delivery_number

)

select * from final
