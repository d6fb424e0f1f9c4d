-- One row per delivery of videos: what it changes in what older records say, in the order in which deliveries count.
{% set groups = video_groups() %}
with

deliveries as (

    select * from {{ source('landing', 'landed_deliveries') }}
    where feed = 'videos' and is_withdrawn is not true

),

-- One row per record and group of columns, as text; NULL for a blank.
group_values as (

    {% for group, columns in groups.items() %}
    select
        video_id,
        delivery_number,
        record_order,
        is_blanking_allowed,
        '{{ group }}' as group_name,
        case
            when coalesce({{ columns | join(", ") }}{{ ", null" if columns | length == 1 }}) is not null
                then
            {% for column in columns %}
                coalesce(cast({{ column }} as string), '') || '/'{{ " ||" if not loop.last }}
            {% endfor %}
        end as group_value,
    {% for column in groups["counts"] %}
    {{ column if group == "counts" else "cast(null as bigint) as " ~ column }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('int_videos_ranked') }}
    {{ "union all" if not loop.last }}
    {% endfor %}

),

histories as (

    select
        delivery_number,
        video_id,
        record_order,
        group_name,
        group_value,
        is_blanking_allowed,
        lag(group_value) over (partition by video_id, group_name, group_value is null order by record_order)
            as value_before,
        min(case when group_value is not null then record_order end) over (partition by video_id, group_name)
            as first_order,
        min(record_order) over (partition by video_id, group_name, group_value) as first_order_of_value,
        {% for column in groups["counts"] %}
        {{ column }}
        < lag({{ column }}) over (partition by video_id, group_name, group_value is null order by record_order)
        {{ "or" if not loop.last }}
        {% endfor %} as is_falling
    from group_values

),

records as (

    select
        delivery_number,
        record_order,
        max(
            case
                when group_value is not null and (value_before is null or group_value != value_before) then 1 else 0
            end
        )
            as is_changed,
        max(case when group_name = 'label' and group_value is not null and value_before is null then 1 else 0 end)
            as is_labelled,
        max(case when group_value is null and first_order < record_order and not is_blanking_allowed then 1 else 0 end)
            as is_kept,
        max(case when group_value != value_before and first_order_of_value < record_order then 1 else 0 end)
            as is_reverted,
        max(case when is_falling then 1 else 0 end) as is_falling
    from histories
    group by delivery_number, video_id, record_order

),

changes as (

    select
        delivery_number,
        {% for name, condition in {
            "known": "record_order > 1",
            "changed": "record_order > 1 and is_changed = 1",
            "label_set": "record_order > 1 and is_labelled = 1",
            "kept": "is_kept = 1",
            "reverted": "is_reverted = 1",
            "falling": "is_falling = 1",
        }.items() %}
    cast(sum(case when {{ condition }} then 1 else 0 end) as bigint) as {{ name }}_count{{ "," if not loop.last }}
    {% endfor %}
    from records
    group by delivery_number

),

final as (

    select
        deliveries.delivery_number,
        deliveries.delivery_file_name,
        deliveries.landed_count - coalesce(changes.known_count, 0) as new_count,
        coalesce(changes.changed_count, 0) as changed_count,
        coalesce(changes.known_count - changes.changed_count, 0) as unchanged_count,
        coalesce(changes.label_set_count, 0) as label_set_count,
        coalesce(changes.kept_count, 0) as kept_count,
        coalesce(changes.reverted_count, 0) as reverted_count,
        coalesce(changes.falling_count, 0) as falling_count
    from deliveries
    left join changes on deliveries.delivery_number = changes.delivery_number

)

select * from final
