-- The current row of each video: the newest record, in which a blank never erases: of each group of columns the newest
-- record that has any of it stands, whole.
{% set groups = video_groups() %}
with

videos as (

    select * from {{ ref('stg_tiktok__videos') }}

),

records as (

    select
        ranked.*,
    {% for group, columns in groups.items() %}
    case
        when
            is_blanking_allowed
            or coalesce({{ columns | join(", ") }}{{ ", null" if columns | length == 1 }}) is not null
            then record_order
    end as {{ group }}_order{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('int_videos_ranked') }} as ranked

),

chosen as (

    select
        video_id,
        max(record_order) as last_order,
    {% for group in groups %}
    max({{ group }}_order) as {{ group }}_order{{ "," if not loop.last }}
    {% endfor %}
    from records
    group by video_id

),

merged as (

    select
        records.video_id,
        {% for group, columns in groups.items() %}
        {% for column in columns %}
        max(case when records.record_order = chosen.{{ group }}_order then records.{{ column }} end) as {{ column }},
        {% endfor %}
        max(case when records.record_order = chosen.{{ group }}_order then records.delivery_number end)
            as delivery_{{ group }}_number,
        {% endfor %}
        max(case when records.record_order = chosen.label_order then records.snapshot_at end) as label_snapshot_at,
        max(case when records.record_order = 1 then records.delivery_number end) as delivery_first_number,
        {% for column in [
            "video_duration_sec", "delivery_number", "delivery_row_number", "delivery_row_label", "delivery_file_name"
        ] %}
    max(case when records.record_order = chosen.last_order then records.{{ column }} end)
        as {{ column }}{{ "," if not loop.last }}
    {% endfor %}
    from records
    inner join chosen on records.video_id = chosen.video_id
    group by records.video_id

),

final as (

    select
        videos.video_id,
        {% for group, columns in groups.items() %}
        {% for column in columns %}
        videos.{{ column }},
        {% endfor %}
        case
            when
                coalesce(videos.{{ columns | join(", videos.") }}{{ ", null" if columns | length == 1 }}) is not null
                then videos.delivery_number
        end
            as delivery_{{ group }}_number,
        {% endfor %}
        case when videos.claim_status is not null then videos.snapshot_at end as claim_status_at,
        videos.video_duration_sec,
        videos.delivery_number,
        videos.delivery_number as delivery_first_number,
        videos.delivery_row_number,
        videos.delivery_row_label,
        videos.delivery_file_name
    from videos
    left join chosen on videos.video_id = chosen.video_id
    where chosen.video_id is null

    union all

    select
        video_id,
        {% for group, columns in groups.items() %}
        {% for column in columns %}
        {{ column }},
        {% endfor %}
        delivery_{{ group }}_number,
        {% endfor %}
        case when claim_status is not null then label_snapshot_at end as claim_status_at,
        video_duration_sec,
        delivery_number,
        delivery_first_number,
        delivery_row_number,
        delivery_row_label,
        delivery_file_name
    from merged

)

select * from final
