{#-
    DuckDB reads landed files where they stand. A view of each under the source's own name makes them known to the
    catalog, and to a person who looks; models do not read it. Spark has tables over them already (`register_files`).
-#}
{% macro show_files() %}
    {% if execute and flags.WHICH in ["build", "run", "test"] %}
        {% do adapter.dispatch("show_files", "claims_warehouse")() %}
    {% endif %}
{% endmacro %}

{% macro default__show_files() %}
    {% for source_node in graph.sources.values() if source_node.meta.get("external_location") %}
        {% set relation = source_relation(source_node) %}
        {% do adapter.create_schema(relation) %}
        {% do run_query(
            "create or replace view " ~ relation ~ " as select * from "
            ~ source(source_node.source_name, source_node.name)
        ) %}
    {% endfor %}
{% endmacro %}

{% macro spark__show_files() %}{% endmacro %}
