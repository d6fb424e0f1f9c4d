with

videos as (

    select * from {{ ref('fct_videos') }}

),

final as (

    select
        verified_status,
        {{ status_measures() }}
    from videos
    group by verified_status

)

select * from final
