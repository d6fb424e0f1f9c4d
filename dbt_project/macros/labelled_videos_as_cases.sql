{#- The labelled and scored videos as if each were a case, for comparing orders of review in hindsight. -#}
{% macro labelled_videos_as_cases() %}
    select
        videos.video_id,
        videos.is_claim,
        videos.video_view_count,
        predictions.claim_probability,
        cast(coalesce(videos.video_view_count, medians.median_views, 0) as double) as reach,
        -- Nobody has reported them and all wait alike: what is compared is what the order makes of the video itself.
        1.0 as report_count,
        1.0 as weighted_report,
        1.0 as waiting,
        1.0 as report_age
    from {{ ref('fct_videos') }} as videos
    inner join {{ ref('fct_claim_predictions') }} as predictions on videos.video_id = predictions.video_id
    cross join (
        select percentile_cont(0.5) within group (order by video_view_count) as median_views
        from {{ ref('fct_videos') }}
    ) as medians
    where videos.is_labelled and predictions.feature_set != 'unscored'
{%- endmacro %}
