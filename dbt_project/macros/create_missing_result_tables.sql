{#-
    Result tables are written by Python. Where a script has not run yet, its table is made empty from the columns that
    the source declares, so that a build passes before any script has run.
-#}
{% macro create_missing_result_tables() %}
    {% if execute and flags.WHICH in ["build", "run", "test"] %}
        {% for source_node in graph.sources.values() if source_node.meta.get("written_by") %}
            {% set relation = source_relation(source_node) %}
            {% do adapter.create_schema(relation) %}
            {% do run_query(
                "create table if not exists " ~ relation ~ " (" ~ declared_columns(source_node) ~ ")"
            ) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
