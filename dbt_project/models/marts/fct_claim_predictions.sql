-- One row per current video, scored or not. A video that no script has scored yet carries the share of claims among
-- labelled videos and goes to a person.
with

videos as (

    select * from {{ ref('fct_videos') }}

),

predictions as (

    select * from {{ source('ml', 'claim_predictions') }}

),

base_rates as (

    select coalesce(avg(case when is_claim then 1.0 when not is_claim then 0.0 end), 0.5) as claim_share
    from videos

),

final as (

    select
        videos.video_id,
        predictions.model_run_id,
        coalesce(predictions.feature_set, 'unscored') as feature_set,
        cast(coalesce(predictions.claim_probability, base_rates.claim_share) as double) as claim_probability,
        predictions.champion_probability,
        coalesce(predictions.decision, 'needs_review') as decision,
        coalesce(predictions.decision_reason, 'unscored') as decision_reason,
        predictions.baseline_decision,
        coalesce(predictions.is_out_of_fold, false) as is_out_of_fold,
        videos.label
    from videos
    cross join base_rates
    left join predictions on videos.video_id = predictions.video_id

)

select * from final
