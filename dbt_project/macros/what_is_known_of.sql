{#- What is known of each case of a relation: its columns, its video, its prediction, its age. A video without views has the
    reach to expect of it: the mean of claims and that of opinions, weighed by its probability. -#}
{% macro what_is_known_of(cases) %}
    select
        cases.*,
        predictions.claim_probability,
        predictions.decision,
        predictions.decision_reason,
        predictions.feature_set,
        predictions.model_run_id,
        videos.verified_status,
        videos.author_ban_status,
        videos.video_view_count,
        substr(videos.video_transcription_text, 1, 120) as transcript_beginning,
        coalesce({{ statement_id('videos.video_transcription_text') }}, cast(cases.video_id as string)) as statement_id,
        cast(coalesce(
            nullif(videos.video_view_count, 0),
            predictions.claim_probability * coalesce(expected.claim_views, 0)
            + (1 - predictions.claim_probability) * coalesce(expected.opinion_views, 0)
        ) as double) as reach,
        {{ hours_between('cases.opened_at', 'newest.event_at') }} as waiting_hours,
        {{ hours_between('cases.first_reported_at', 'newest.event_at') }} as reported_hours
    from {{ cases }} as cases
    inner join {{ ref('fct_videos') }} as videos on cases.video_id = videos.video_id
    inner join {{ ref('fct_claim_predictions') }} as predictions on cases.video_id = predictions.video_id
    cross join (
        select
            avg(case when is_claim then cast(video_view_count as double) end) as claim_views,
            avg(case when not is_claim then cast(video_view_count as double) end) as opinion_views
        from {{ ref('fct_videos') }}
        where is_labelled and video_view_count > 0
    ) as expected
    cross join {{ ref('int_events_newest') }} as newest
{%- endmacro %}
