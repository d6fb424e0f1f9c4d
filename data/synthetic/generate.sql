-- The synthetic twin of the published dataset: one row per video, in file order.
--
-- DuckDB only. pipeline/landing/synthetic.py sets the variables row_total, seed, claim_lead_ins, opinion_lead_ins and
-- facts and runs this file, which makes the view synthetic_videos: typed, NULL where the published file has no value.
-- fresh.sql holds labels back, reports.sql reports the videos and decides on them, csv.sql spells them out.
--
-- Every draw is a hash of (seed, column, row number): a seed gives the same bytes on any number of threads. The rows
-- come from range() in class order, so nothing is sorted and nothing is held in memory. There is no join either:
-- one may swap its sides for a small file, and the order of the rows with them.

-- The key of a column is an md5, folded once; the draw of a row is DuckDB's hash of one 64-bit number. An md5 per row
-- takes over a hundred times as long; hash() gave the same values in 1.4, 1.5 and 2.0 (2026-11) and a test pins them.
-- The key goes in by xor before hashing, since hash(key, row) hashes each and combines by xor: two columns' draws
-- would differ by a constant.
create or replace temp macro draw(column_name, number) as
    hash(xor(md5_number_lower(concat(getvariable('seed'), ' ', column_name)), cast(number as ubigint)));

-- A number in [0, 1), of the 53 bits that a double holds exactly.
create or replace temp macro uniform(column_name, number) as
    cast(draw(column_name, number) >> 11 as double) / cast(9007199254740992 as double);

-- A whole number in lowest..highest, both included.
create or replace temp macro uniform_integer(column_name, number, lowest, highest) as
    lowest + cast(floor(uniform(column_name, number) * (highest - lowest + 1)) as bigint);

-- The whole number nearest to parent x U(0, largest_share).
create or replace temp macro share_of(column_name, number, parent, largest_share) as
    cast(floor(parent * uniform(column_name, number) * largest_share + 0.5) as bigint);

-- One round of a Feistel network on pairs: a position moves around its circle by an amount that depends on the
-- other position alone. Each round can be undone, so any number of rounds maps pairs one to one.
create or replace temp macro moved(round_name, position, circle, other_position) as
    (position + cast(draw(round_name, other_position) % circle as bigint)) % circle;

create or replace temp macro csv_quoted(field) as
    if(contains(field, ',') or contains(field, '"'), '"' || replace(field, '"', '""') || '"', field);

-- 9,608 claims and 298 unlabelled among 19,382, in proportion, to the nearest row.
set variable claim_total = (2 * getvariable('row_total') * 9608 + 19382) // (2 * 19382);
set variable labelled_total = getvariable('row_total') - (2 * getvariable('row_total') * 298 + 19382) // (2 * 19382);

create or replace temp view synthetic_videos as

with numbered as (

    select
        range + 1 as row_number,
        range < getvariable('claim_total') as is_claim,
        range < getvariable('labelled_total') as is_labelled,
        if(is_claim, range, range - getvariable('claim_total')) as number_in_class,
        if(is_claim, len(getvariable('claim_lead_ins')), len(getvariable('opinion_lead_ins'))) as lead_in_total,
        len(getvariable('facts')) as fact_total
    from range(getvariable('row_total'))

),

-- 93,623 x 93,624 pairs cover the 10-digit ids from 1,234,567,890 up, but for the last 0.002 %.
identified as (

    select
        *,
        moved('video_id 1', row_number % 93624, 93624, row_number // 93624) as id_low_1,
        moved('video_id 2', row_number // 93624, 93623, id_low_1) as id_high_1,
        moved('video_id 3', id_low_1, 93624, id_high_1) as id_low_2,
        moved('video_id 4', id_high_1, 93623, id_low_2) as id_high_2
    from numbered

),

-- A class says every pair of a lead-in and a fact once before it says one again, like the published file, where
-- hardly a transcript occurs twice. The salt gives each class and each pass through the pairs its own order.
paired as (

    select
        *,
        2 * (number_in_class // (lead_in_total * fact_total)) + cast(is_claim as bigint) as pass_number,
        pass_number * 4294967296 as salt,
        number_in_class // fact_total % lead_in_total as lead_in_0,
        moved('text 1', number_in_class % fact_total, fact_total, salt + lead_in_0) as fact_1,
        moved('text 2', lead_in_0, lead_in_total, salt + fact_1) as lead_in_1,
        moved('text 3', fact_1, fact_total, salt + lead_in_1) as fact_2,
        moved('text 4', lead_in_1, lead_in_total, salt + fact_2) as lead_in_2,
        moved('text 5', fact_2, fact_total, salt + lead_in_2) as fact_3
    from identified

),

drawn as (

    select
        *,
        uniform('verified_status', row_number) < if(is_claim, 0.02175, 0.10458) as is_verified,
        uniform('author_ban_status', row_number) as ban_draw,
        uniform_integer('video_duration_sec', row_number, 5, 60) as duration_sec,
        uniform_integer('video_view_count', row_number, if(is_claim, 1000, 20), if(is_claim, 999999, 9999))
            as view_count,
        share_of('video_like_count', row_number, view_count, if(is_claim, 2 / 3, 4 / 9)) as like_count,
        share_of('video_share_count', row_number, like_count, 0.4) as share_count,
        share_of('video_download_count', row_number, like_count, 0.025) as download_count,
        share_of('video_comment_count', row_number, download_count, if(is_claim, 2 / 3, 0.4)) as comment_count
    from paired

)

select
    row_number as "#",
    case when not is_labelled then null when is_claim then 'claim' else 'opinion' end as claim_status,
    1234567890 + id_high_2 * 93624 + id_low_2 as video_id,
    duration_sec as video_duration_sec,
    if(
        is_labelled,
        if(
            is_claim,
            getvariable('claim_lead_ins')[lead_in_2 + 1],
            getvariable('opinion_lead_ins')[lead_in_2 + 1]
        ) || ' ' || getvariable('facts')[fact_3 + 1],
        null
    ) as video_transcription_text,
    if(is_verified, 'verified', 'not verified') as verified_status,
    case
        when ban_draw < if(is_claim, 0.6834, 0.9305) then 'active'
        when ban_draw < if(is_claim, 0.8502, 0.9794) then 'under review'
        else 'banned'
    end as author_ban_status,
    if(is_labelled, view_count, null) as video_view_count,
    if(is_labelled, like_count, null) as video_like_count,
    if(is_labelled, share_count, null) as video_share_count,
    if(is_labelled, download_count, null) as video_download_count,
    if(is_labelled, comment_count, null) as video_comment_count
from drawn;
