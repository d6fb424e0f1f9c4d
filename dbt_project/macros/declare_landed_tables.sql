{#-
    DuckDB reads landed tables where they stand. A file without rows for each of them makes a feed of which nothing has
    landed an empty table, and gives every table the declared columns: those that older landings lack are NULL.
-#}
{% macro declare_landed_tables() %}
    {% if execute and flags.WHICH in ["build", "run", "test"] %}
        {% do adapter.dispatch("declare_landed_tables", "claims_warehouse")() %}
    {% endif %}
{% endmacro %}

{% macro default__declare_landed_tables() %}
    {% for source_node in graph.sources.values() if source_node.source_name == "landing" %}
        {% set columns = [] %}
        {% for column in source_node.columns.values() %}
            {% do columns.append("cast(null as " ~ column.data_type ~ ") as " ~ adapter.quote(column.name)) %}
        {% endfor %}
        {% set file = landing_home() ~ "/" ~ source_node.identifier ~ ".parquet" %}
        {% do run_query(
            "copy (select " ~ columns | join(", ") ~ " where false) to '" ~ file | replace("'", "''")
            ~ "' (format parquet)"
        ) %}
    {% endfor %}
{% endmacro %}

{#- On Spark the tables over the files have the declared columns (`register_files`). -#}
{% macro spark__declare_landed_tables() %}{% endmacro %}
