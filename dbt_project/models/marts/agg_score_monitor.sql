-- One row per release: what was written about the videos without a label, beside the errors to expect and those seen.
with

history as (

    select * from {{ source('ml', 'score_history') }}

),

final as (

    select
        release_number,
        undecided_count,
        cast(claim_count as double) / nullif(undecided_count, 0) as claim_decision_share,
        cast(opinion_count as double) / nullif(undecided_count, 0) as opinion_decision_share,
        cast(review_count as double) / nullif(undecided_count, 0) as review_share,
        mean_probability,
        expected_missed,
        expected_wasted,
        later_labelled_count,
        observed_missed_count,
        observed_wasted_count
    from history

)

select * from final
