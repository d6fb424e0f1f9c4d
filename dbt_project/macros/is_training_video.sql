{#- Whether a video belongs to the training part of the split (ml.video_features): hex digits compared as text give one
    value on every engine. -#}
{% macro is_training_video(video_id) -%}
    substr(md5(cast({{ video_id }} as string)), 1, 4) < '999a'
{%- endmacro %}
