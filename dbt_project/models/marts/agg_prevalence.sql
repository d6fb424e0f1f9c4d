-- One row per kind of case: the share of claims, estimated from the audit lane alone. The cases that opened on one day
-- are a cohort; it counts once every drawn case in it is decided. Every case is drawn with the same probability, so
-- the share among the drawn ones estimates the share among all.
with

cases as (

    select * from {{ ref('fct_cases') }}

),

predictions as (

    select * from {{ ref('fct_claim_predictions') }}

),

known as (

    select
        cases.label,
        cases.is_open,
        cases.is_audit,
        coalesce(cast(cases.opened_at as date), date '1900-01-01') as cohort_date,
        predictions.decision = 'opinion' as is_called_opinion
    from cases
    inner join predictions on cases.video_id = predictions.video_id

),

cohorts as (

    select cohort_date
    from known
    where is_audit
    group by cohort_date
    having count(case when is_open then 1 end) = 0

),

kinds as (

    select 'all cases' as case_kind
    union all
    select 'called opinions' as case_kind

),

counted as (

    select
        kinds.case_kind,
        count(distinct known.cohort_date) as cohort_count,
        count(known.cohort_date) as case_count,
        count(case when known.is_audit then 1 end) as drawn_count,
        count(case when known.is_audit and known.label = 'claim' then 1 end) as claim_count
    from kinds
    left join (
        select known.*
        from known
        inner join cohorts on known.cohort_date = cohorts.cohort_date
    ) as known
        on kinds.case_kind = 'all cases' or known.is_called_opinion
    group by kinds.case_kind

),

final as (

    select
        case_kind,
        cohort_count,
        case_count,
        drawn_count,
        claim_count,
        cast(claim_count as double) / nullif(drawn_count, 0) as claim_share,
        {{ wilson_bounds('claim_count', 'drawn_count') }}
    from counted

)

select * from final
