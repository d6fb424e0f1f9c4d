{#-
    Result tables are written by Python. Where a script has not run yet, its table is made empty from the columns that
    the source declares, so that a build passes before any script has run.
-#}
{% macro create_missing_result_tables() %}
    {% if execute and flags.WHICH in ["build", "run", "test"] %}
        {% for source_node in graph.sources.values() if source_node.meta.get("written_by") %}
            {% set relation = api.Relation.create(
                database=source_node.database, schema=source_node.schema, identifier=source_node.identifier
            ) %}
            {% do adapter.create_schema(relation) %}
            {% set declared = [] %}
            {% for column in source_node.columns.values() %}
                {% do declared.append(adapter.quote(column.name) ~ " " ~ column.data_type) %}
            {% endfor %}
            {% do run_query(
                "create table if not exists " ~ relation ~ " (" ~ declared | join(", ") ~ ")"
            ) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
