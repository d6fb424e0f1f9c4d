-- Reports about the videos of faced_videos, and the decisions that follow them: one row per report, one per decision,
-- in the order of the videos. Draws are hashes of (seed, column, number) as in generate.sql, with neither sort nor join.
--
-- Reads the variables seed, video_total and id_prefix, which begins every id of ours (`twin` or, for videos that are
-- not ours, `made`).

-- No clock: the newest moment of every twin.
set variable now_sec = epoch(timestamp '2026-11-01 00:00:00');
set variable serial_reporters = 4;
set variable reviewers = 12;

create or replace temp macro event_time(event_sec) as
    strftime(make_timestamp(cast(event_sec as bigint) * 1000000), '%Y-%m-%dT%H:%M:%SZ');

-- One number per event of a video, from which its other draws come.
create or replace temp macro event_key(kind, video_id, event_number) as
    hash(xor(draw(kind, video_id), cast(event_number as ubigint)));

-- Seconds from a video's publication to one of its reports: most come early.
create or replace temp macro report_delay(video_id, report_number, age_sec) as
    cast(floor(age_sec * uniform('delay', event_key('report', video_id, report_number))
        * uniform('delay', event_key('report', video_id, report_number))) as bigint);

create or replace temp view reported_videos as

with aged as (

    select
        video_id,
        claim_status,
        is_fresh,
        claim_status = 'claim' as is_claim,
        -- 14 days hold half of a video's views; what was labelled before is older than that.
        cast(floor(86400 * if(is_fresh, 14 * young_share / (1 - young_share), 14 + 46 * age_draw)) as bigint)
            as age_sec,
        getvariable('now_sec') - age_sec as published_sec,
        sqrt(cast(coalesce(video_view_count, 1000) as double) * if(is_held, young_share, 1)) as reach
    from faced_videos

),

-- Reports grow with views, and twice as fast for claims: about two per video.
counted as (

    select
        *,
        uniform('report_count', video_id) as count_draw,
        least(
            floor(
                (0.1 + reach * if(is_claim, 0.0055, 0.00275)) * 3 * count_draw * count_draw
                + uniform('report_rounding', video_id)
            ),
            4000
        ) as report_count
    from aged

),

-- A few people report whatever they see, claim or not; their reports are numbered from 10,000 up.
numbered as (

    select
        *,
        list_concat(
            range(cast(report_count as bigint)),
            list_filter(
                range(10000, 10000 + getvariable('serial_reporters')),
                lambda report_number: uniform('serial', event_key('report', video_id, report_number)) < 0.04
            )
        ) as report_numbers
    from counted

)

select
    *,
    list_min(list_transform(
        report_numbers, lambda report_number: report_delay(video_id, report_number, age_sec)
    )) as first_delay
from numbered;

create or replace temp view synthetic_reports as

with reports as (

    select
        video_id,
        is_claim,
        age_sec,
        published_sec,
        unnest(report_numbers) as report_number
    from reported_videos

),

drawn as (

    select
        *,
        event_key('report', video_id, report_number) as report_key,
        report_number >= 10000 as is_serial,
        uniform('reported_item', report_key) < 0.12 as is_comment,
        uniform('report_reason', report_key) as reason_draw,
        if(is_claim and not is_serial, 0.6, 0.2) as misinformation_share
    from reports

)

select
    getvariable('id_prefix') || '-r' || video_id || '-' || report_number as report_id,
    video_id,
    if(is_comment, 'comment', 'video') as reported_item,
    if(is_comment, 'c' || video_id || '-' || draw('comment_id', report_key) % 500, null) as comment_id,
    event_time(published_sec + report_delay(video_id, report_number, age_sec)) as reported_at,
    case
        when reason_draw < misinformation_share then 'misinformation'
        when reason_draw < misinformation_share + 0.15 then 'spam'
        when reason_draw < misinformation_share + 0.25 then 'hate speech'
        when reason_draw < misinformation_share + 0.30 then 'violence'
        else 'other'
    end as report_reason,
    case
        when is_serial then 'p' || (report_number - 9999)
        when uniform('anonymous', report_key) < 0.02 then null
        else 'p' || (
            getvariable('serial_reporters') + 1
            + cast(draw('reporter_id', report_key) % greatest(getvariable('video_total') // 2, 50) as bigint)
        )
    end as reporter_id
from drawn;

-- A case opens with the first report, or with the video where nobody reported it. Reviewers get to a part of what
-- waits, some hours later and right 997 times in 1,000; what they have not got to by now is the backlog.
create or replace temp view synthetic_decisions as

with cases as (

    select
        video_id,
        claim_status,
        is_fresh,
        published_sec + coalesce(first_delay, 0) as opened_sec,
        if(uniform('second_opinion', video_id) < 0.03, 2, 1) as decision_total
    from reported_videos
    where
        claim_status is not null
        and (is_fresh or first_delay is not null)
        and uniform('is_reviewed', video_id) < if(is_fresh, 0.7, 0.3)

),

decisions as (

    select
        *,
        unnest(range(decision_total)) as decision_number
    from cases

),

drawn as (

    select
        *,
        event_key('decision', video_id, decision_number) as decision_key,
        uniform('wait', decision_key) as wait_draw,
        opened_sec + 1800 + cast(floor(3600 * 23 * (wait_draw * wait_draw + decision_number)) as bigint)
            as decided_sec,
        uniform('lane', event_key('decision', video_id, 0)) < 0.05 as is_audit,
        uniform('is_right', decision_key) < 0.997 as is_right
    from decisions

)

select
    getvariable('id_prefix') || '-d' || video_id || '-' || decision_number as decision_id,
    video_id,
    event_time(decided_sec) as decided_at,
    case
        when uniform('is_skipped', decision_key) < 0.02 then 'skipped'
        when is_right then claim_status
        when claim_status = 'claim' then 'opinion'
        else 'claim'
    end as decision,
    -- The second opinion is somebody else's.
    'v' || (
        1 + cast((draw('reviewer_id', video_id) + cast(decision_number as ubigint)) % getvariable('reviewers') as bigint)
    ) as reviewer_id,
    uniform_integer('review_sec', decision_key, 15, 240) as review_sec,
    if(is_audit, 'audit', 'priority') as lane,
    if(is_audit, 0.05, null) as selection_probability,
    cast(null as varchar) as release_id
from drawn
where decided_sec <= getvariable('now_sec');
