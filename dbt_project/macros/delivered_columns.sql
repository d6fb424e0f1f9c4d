{#-
    Name to type of the columns that a delivery brings, in the contract's order: those of fct_videos that staging has
    too, without lineage. Read from the graph, so that no model repeats them; a parser that sees no graph gets two.
-#}
{% macro delivered_columns() %}
    {% set found = {} %}
    {% if execute and graph is defined %}
        {% set staged = graph.nodes["model." ~ project_name ~ ".stg_tiktok__videos"].columns %}
        {% for name, column in graph.nodes["model." ~ project_name ~ ".fct_videos"].columns.items() %}
            {% if name in staged and not name.startswith("delivery_") %}
                {% do found.update({name: column.data_type}) %}
            {% endif %}
        {% endfor %}
    {% else %}
        {% do found.update({"video_id": "bigint", "claim_status": "string"}) %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}
