with

videos as (

    select * from {{ ref('fct_videos') }}

),

final as (

    select
        author_ban_status,
        {{ status_measures() }}
    from videos
    group by author_ban_status

)

select * from final
