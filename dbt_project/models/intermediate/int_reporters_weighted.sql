-- One row per reporter: the share of the training videos that they reported which are claims, drawn towards the
-- share of everybody's by a Beta prior. Reporting a video again changes nothing.
--
-- The prior is fitted by moments: `similarity` is the share of the spread between reporters that chance does not
-- explain (the analysis-of-variance estimate of the intraclass correlation), and a prior is worth 1 / similarity - 1
-- videos.
-- Kept as a table: Spark plans views within views anew for each that reads them.
{{ config(materialized='table') }}
with

reports as (

    select * from {{ ref('int_reports_placed') }}

),

labels as (

    select * from {{ ref('int_videos_labelled') }}
    where label is not null and {{ is_training_video('video_id') }}

),

reported as (

    select distinct
        reporter_id,
        video_id
    from reports
    where reporter_id is not null

),

reporters as (

    select
        reported.reporter_id,
        count(*) as reported_video_count,
        count(labels.video_id) as labelled_video_count,
        count(case when labels.label = 'claim' then 1 end) as claim_count
    from reported
    left join labels on reported.video_id = labels.video_id
    group by reported.reporter_id

),

totals as (

    select
        count(*) as reporter_count,
        cast(sum(labelled_video_count) as double) as labelled,
        cast(sum(claim_count) as double) / nullif(sum(labelled_video_count), 0) as claim_share,
        sum(cast(labelled_video_count as double) * labelled_video_count) as squares
    from reporters
    where labelled_video_count > 0

),

spreads as (

    select
        max(totals.claim_share) as claim_share,
        (
            sum(
                reporters.labelled_video_count
                * power(cast(reporters.claim_count as double) / reporters.labelled_video_count - totals.claim_share, 2)
            ) - (max(totals.reporter_count) - 1) * max(totals.claim_share * (1 - totals.claim_share))
        ) / nullif(
            max(
                (totals.labelled - totals.squares / totals.labelled - (totals.reporter_count - 1))
                * totals.claim_share * (1 - totals.claim_share)
            ), 0
        ) as similarity
    from reporters
    cross join totals
    where reporters.labelled_video_count > 0

),

priors as (

    select
        coalesce(claim_share, 0.5) as claim_share,
        -- Worth between one video and a thousand; a thousand where nothing tells reporters apart.
        1 / greatest(0.001, least(0.5, coalesce(similarity, 0.001))) - 1 as prior_video_count
    from spreads

),

final as (

    select
        reporters.reporter_id,
        reporters.reported_video_count,
        reporters.labelled_video_count,
        reporters.claim_count,
        priors.claim_share as prior_claim_share,
        round(priors.prior_video_count, 9) as prior_strength,
        round(
            (reporters.claim_count + priors.claim_share * priors.prior_video_count)
            / (reporters.labelled_video_count + priors.prior_video_count),
            12
        ) as weight
    from reporters
    cross join priors

)

select * from final
