-- Of some videos, which have just come in: complete, without label, and young. One row per video, in file order.
--
-- Reads given_videos (the columns of the published file) and the variables hold_share, is_young and seed; the macros
-- are those of generate.sql. `claims run`'s own twin and `claims synthetic --hold-labels` hold labels back here.

create or replace temp view faced_videos as

with drawn as (

    select
        *,
        claim_status is not null
        and uniform('hold_labels', video_id) < cast(getvariable('hold_share') as double) as is_held,
        uniform('age', video_id) as age_draw
    from given_videos

)

select
    *,
    -- A video that came without a label but with its counts is as fresh as one whose label is held back.
    is_held or (claim_status is null and video_view_count is not null) as is_fresh,
    -- The share of its later counts that a fresh video has: views come as age / (age + 14 days).
    0.01 + 0.49 * age_draw * age_draw as young_share
from drawn;

create or replace temp macro young_count(later_count, is_held, young_share) as
    if(is_held and getvariable('is_young'), cast(floor(later_count * young_share) as bigint), later_count);

create or replace temp view delivered_videos as

select
    "#",
    if(is_held, null, claim_status) as claim_status,
    video_id,
    video_duration_sec,
    video_transcription_text,
    verified_status,
    author_ban_status,
    young_count(video_view_count, is_held, young_share) as video_view_count,
    young_count(video_like_count, is_held, young_share) as video_like_count,
    young_count(video_share_count, is_held, young_share) as video_share_count,
    young_count(video_download_count, is_held, young_share) as video_download_count,
    young_count(video_comment_count, is_held, young_share) as video_comment_count
from faced_videos;

-- What was held back.
create or replace temp view truth as

select
    video_id,
    claim_status,
    video_view_count,
    video_like_count,
    video_share_count,
    video_download_count,
    video_comment_count
from faced_videos
where is_held;
