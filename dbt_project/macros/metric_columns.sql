{#-
    The metrics that the descriptive marts describe, name to column, in the contract's order: the columns of fct_videos
    that say `metric`. Read from the graph; a parser that sees no graph gets two.
-#}
{% macro metric_columns() %}
    {% set found = {} %}
    {% if execute and graph is defined %}
        {% set columns = graph.nodes["model." ~ project_name ~ ".fct_videos"].columns %}
        {% for name, column in columns.items() if column.meta.get("metric") %}
            {% do found.update({column.meta["metric"]: name}) %}
        {% endfor %}
    {% else %}
        {% do found.update({"duration": "video_duration_sec", "views": "video_view_count"}) %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}

{#- Those among them that count what viewers did. -#}
{% macro count_columns() %}
    {% set found = {} %}
    {% for metric, column in metric_columns().items() if column.endswith("_count") %}
        {% do found.update({metric: column}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
