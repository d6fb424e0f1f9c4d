-- One row per verified status and author status that occurs: how many videos are labelled, and how. Whether the
-- unlabelled ones are a random draw is read from these counts.
with

videos as (

    select * from {{ ref('fct_videos') }}

),

final as (

    select
        verified_status,
        author_ban_status,
        count(*) as video_count,
        count(label) as labelled_count,
        count(*) - count(label) as unlabelled_count,
        count(case when label = 'claim' then 1 end) as claim_count,
        count(case when label = 'opinion' then 1 end) as opinion_count,
        cast(count(*) - count(label) as double) / count(*) as unlabelled_share,
        count(case when video_view_count is null then 1 end) as missing_engagement_count,
        count(case when video_transcription_text is null then 1 end) as missing_transcription_count
    from videos
    group by
        verified_status,
        author_ban_status

)

select * from final
