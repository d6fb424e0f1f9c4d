with

videos as (

    select * from {{ ref('fct_videos') }}

),

final as (

    select
        coalesce(claim_status, 'unlabelled') as claim_status,
        {{ status_measures() }}
    from videos
    group by coalesce(claim_status, 'unlabelled')

)

select * from final
