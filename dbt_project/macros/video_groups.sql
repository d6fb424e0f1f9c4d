{#-
    Columns of a video that stand or fall together: the newest record in which any of a group is there gives all of it,
    so that no row mixes two snapshots.
-#}
{% macro video_groups() %}
    {{ return({
        "label": ["claim_status"],
        "transcript": ["video_transcription_text"],
        "account": ["verified_status", "author_ban_status"],
        "counts": [
            "video_view_count", "video_like_count", "video_share_count", "video_download_count", "video_comment_count"
        ],
    }) }}
{% endmacro %}
