-- One row per reporter: how far their reports are to be trusted.
with

reporters as (

    select * from {{ ref('int_reporters_weighted') }}

),

final as (

    select
        {{ hashed_identity('reporter_id') }} as reporter_hash,
        reported_video_count,
        labelled_video_count,
        claim_count,
        prior_claim_share,
        prior_strength,
        weight
    from reporters

)

select * from final
