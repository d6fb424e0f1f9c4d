{#-
    The current row of each report or decision: the one from the newest delivery that holds it.

    Only what a delivery after the first holds can supersede anything; with one delivery `later` is empty and costs
    nothing.
-#}
{% macro current_events(staged, key) -%}
    with

    events as (

        select * from {{ staged }}

    ),

    deliveries as (

        select
            delivery_number,
            delivery_rank
        from {{ ref('int_deliveries_ordered') }}

    ),

    later as (

        select distinct {{ key }}
        from events
        where delivery_number > (select min(all_events.delivery_number) from events as all_events)

    ),

    histories as (

        select
            events.{{ key }},
            max(deliveries.delivery_rank) as last_rank
        from events
        inner join later on events.{{ key }} = later.{{ key }}
        inner join deliveries on events.delivery_number = deliveries.delivery_number
        group by events.{{ key }}

    )

    select events.*
    from events
    inner join deliveries on events.delivery_number = deliveries.delivery_number
    left join histories on events.{{ key }} = histories.{{ key }}
    where deliveries.delivery_rank = coalesce(histories.last_rank, deliveries.delivery_rank)
{%- endmacro %}
