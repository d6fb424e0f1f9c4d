{#-
    DuckDB reads files where they stand (`external_location` of a source). Spark gets a table over them
    (`external_table`) in the declared columns: a column that an older file lacks is NULL.
-#}
{% macro register_files() %}
    {% if execute and flags.WHICH in ["build", "run", "test"] %}
        {% do adapter.dispatch("register_files", "claims_warehouse")() %}
    {% endif %}
{% endmacro %}

{% macro default__register_files() %}{% endmacro %}

{% macro spark__register_files() %}
    {% set home = env_var("CLAIMS_HOME", "var") %}
    {% if not modules.re.match("/|[a-z0-9]+://", home) %}
        {{
            exceptions.raise_compiler_error(
                "CLAIMS_HOME is " ~ home ~ ": Spark works in another folder, so make it an absolute path."
            )
        }}
    {% endif %}
    {% for source_node in graph.sources.values() if source_node.meta.get("external_table") %}
        {% set relation = source_relation(source_node) %}
        {% do adapter.create_schema(relation) %}
        {#- Made anew each time, since Spark remembers the files that it has listed. -#}
        {% do run_query("drop table if exists " ~ relation) %}
        {% do run_query(
            "create table " ~ relation ~ " (" ~ declared_columns(source_node) ~ ") "
            ~ source_node.meta["external_table"] | replace("{name}", source_node.identifier)
        ) %}
    {% endfor %}
{% endmacro %}
