{#- The metrics that the descriptive marts describe: name to column. -#}
{% macro metric_columns() %}
    {{ return({
        "duration": "video_duration_sec",
        "views": "video_view_count",
        "likes": "video_like_count",
        "shares": "video_share_count",
        "downloads": "video_download_count",
        "comments": "video_comment_count",
    }) }}
{% endmacro %}
