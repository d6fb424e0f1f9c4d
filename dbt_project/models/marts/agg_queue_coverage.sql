-- One row per policy and capacity: what is covered when that share of the videos can be reviewed, intervals from the
-- spread over the hashed parts (Student's t, 19 degrees of freedom), and whether a model adds to the trivial policy.
{% set measures = ["claim_share", "claim_view_share", "claim_view_gain"] %}

with

coverage as (

    select * from {{ ref('agg_queue_coverage_by_part') }}

),

policies as (

    select * from {{ ref('queue_policies') }}

),

compared as (

    select
        coverage.part_number,
        coverage.policy,
        coverage.capacity_share,
        coverage.video_count,
        coverage.claim_share,
        coverage.claim_view_share,
        policies.policy_number,
        policies.known_when,
        policies.trivial_policy,
        coverage.claim_view_share - trivial.claim_view_share as claim_view_gain
    from coverage
    inner join policies on coverage.policy = policies.policy
    left join coverage as trivial
        on
            policies.trivial_policy = trivial.policy
            and coverage.part_number = trivial.part_number
            and coverage.capacity_share = trivial.capacity_share

),

{{ margins_over_parts('compared', ['policy', 'capacity_share'], measures, 20, 2.093) }},

bounded as (

    select
        compared.*,
        compared.claim_share - margins.claim_share_margin as claim_share_lowest,
        compared.claim_share + margins.claim_share_margin as claim_share_highest,
        compared.claim_view_share - margins.claim_view_share_margin as claim_view_share_lowest,
        compared.claim_view_share + margins.claim_view_share_margin as claim_view_share_highest,
        compared.claim_view_gain - margins.claim_view_gain_margin as claim_view_gain_lower_bound,
        compared.claim_view_gain + margins.claim_view_gain_margin as claim_view_gain_upper_bound,
        -- A gain of a billionth is rounding.
        case
            when compared.trivial_policy is not null
                then coalesce(compared.claim_view_gain - margins.claim_view_gain_margin > 0.000000001, false)
        end as has_gain_over_trivial
    from compared
    inner join margins
        on compared.policy = margins.policy and compared.capacity_share = margins.capacity_share
    where compared.part_number = 0

),

final as (

    select
        policy,
        policy_number,
        known_when,
        capacity_share,
        video_count,
        claim_share,
        case when claim_share_lowest < 0 then 0 else claim_share_lowest end as claim_share_lower_bound,
        case when claim_share_highest > 1 then 1 else claim_share_highest end as claim_share_upper_bound,
        claim_view_share,
        case when claim_view_share_lowest < 0 then 0 else claim_view_share_lowest end as claim_view_share_lower_bound,
        case when claim_view_share_highest > 1 then 1 else claim_view_share_highest end as claim_view_share_upper_bound,
        trivial_policy,
        claim_view_gain,
        claim_view_gain_lower_bound,
        claim_view_gain_upper_bound,
        has_gain_over_trivial
    from bounded

)

select * from final
