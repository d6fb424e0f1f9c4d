{#- The measures that every aggregate by a status shows, so that the same quantity has the same name everywhere. -#}
{% macro status_measures() %}
    count(*) as video_count,
    cast(count(*) as double) / sum(cast(count(*) as double)) over () as video_share,
    count(case when is_claim then 1 end) as claim_count,
    count(case when not is_claim then 1 end) as opinion_count,
    cast(count(case when is_claim then 1 end) as double) / nullif(count(claim_status), 0) as claim_share,
    count(case when is_verified then 1 end) as verified_count,
    cast(sum(video_duration_sec) as double) / nullif(count(video_duration_sec), 0) as mean_duration_sec,
    {% for metric in ['view', 'like', 'share', 'download', 'comment'] %}
    cast(sum(video_{{ metric }}_count) as bigint) as {{ metric }}_count,
    cast(sum(video_{{ metric }}_count) as double) / nullif(count(video_{{ metric }}_count), 0) as mean_{{ metric }}s,
    percentile_cont(0.5) within group (order by video_{{ metric }}_count) as median_{{ metric }}s{{ "," if not loop.last }}
    {% endfor %}
{% endmacro %}
