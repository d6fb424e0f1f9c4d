-- One row per comparison of labels: how many videos were labelled twice, and how often both labels were the same.
with

decisions as (

    select * from {{ ref('int_decisions_latest') }}
    where decision != 'skipped' and reviewer_id is not null

),

videos as (

    select * from {{ ref('fct_videos') }}

),

decided as (

    select * from {{ ref('int_videos_decided') }}

),

-- A reviewer's last word on a video; the first two reviewers who had one are compared.
words as (

    select
        video_id,
        decision,
        decided_at,
        decision_id,
        row_number() over (partition by video_id, reviewer_id order by decided_at desc, decision_id desc) as word_rank
    from decisions

),

reviewers as (

    select
        video_id,
        decision,
        row_number() over (partition by video_id order by decided_at, decision_id) as reviewer_rank
    from words
    where word_rank = 1

),

compared as (

    select
        'two reviewers' as comparison,
        firsts.decision = seconds.decision as is_same
    from reviewers as firsts
    inner join reviewers as seconds on firsts.video_id = seconds.video_id
    where firsts.reviewer_rank = 1 and seconds.reviewer_rank = 2
    union all
    select
        'reviewer and delivery' as comparison,
        decided.decision = videos.claim_status as is_same
    from decided
    inner join videos on decided.video_id = videos.video_id
    where videos.claim_status is not null

),

comparisons as (

    select 'two reviewers' as comparison
    union all
    select 'reviewer and delivery' as comparison

),

counted as (

    select
        comparisons.comparison,
        count(compared.is_same) as compared_count,
        count(case when compared.is_same then 1 end) as agreed_count
    from comparisons
    left join compared on comparisons.comparison = compared.comparison
    group by comparisons.comparison

),

final as (

    select
        comparison,
        compared_count,
        agreed_count,
        cast(agreed_count as double) / nullif(compared_count, 0) as agreed_share,
        {{ wilson_bounds('agreed_count', 'compared_count') }}
    from counted

)

select * from final
