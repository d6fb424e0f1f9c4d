{#-
    A rate of fct_videos by its name: the first of the two columns that video_features derives it from per the second,
    NULL where the row is flagged or the denominator is zero. A parser that sees no graph gets a rate too.
-#}
{% macro rate(name) -%}
    {%- set terms = ["video_like_count", "video_view_count"] -%}
    {%- if execute and graph is defined -%}
        {%- set terms = graph.nodes["model." ~ project_name ~ ".video_features"].columns[name].meta["derived_from"] -%}
    {%- endif -%}
    case
        when flag_reason is null
            then cast({{ terms[0] }} as double) / cast(nullif({{ terms[1] }}, 0) as double)
    end
{%- endmacro %}
