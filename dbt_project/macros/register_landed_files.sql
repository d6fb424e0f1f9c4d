{#-
    DuckDB reads landed files where they stand (`external_location` in sources.yml). Spark gets a table over the landing
    folder for each file name, in the declared columns: a column that an older delivery lacks is NULL.
-#}
{% macro register_landed_files() %}
    {% if execute and flags.WHICH in ["build", "run", "test"] %}
        {% do adapter.dispatch("register_landed_files", "claims_warehouse")() %}
    {% endif %}
{% endmacro %}

{% macro default__register_landed_files() %}{% endmacro %}

{% macro spark__register_landed_files() %}
    {% if not modules.re.match("/|[a-z0-9]+://", landing_home()) %}
        {{
            exceptions.raise_compiler_error(
                "CLAIMS_HOME is " ~ env_var("CLAIMS_HOME", "var")
                ~ ": Spark runs in another folder, so make it an absolute path."
            )
        }}
    {% endif %}
    {% for source_node in graph.sources.values() if source_node.source_name == "landing" %}
        {% set relation = source_relation(source_node) %}
        {% do run_query("create schema if not exists " ~ relation.without_identifier()) %}
        {#- Made anew each time, since Spark remembers the files that it has listed. -#}
        {% do run_query("drop table if exists " ~ relation) %}
        {% do run_query(
            "create table " ~ relation ~ " (" ~ declared_columns(source_node) ~ ") using parquet options ("
            ~ "recursiveFileLookup 'true', pathGlobFilter '" ~ source_node.identifier ~ ".parquet') location '"
            ~ (landing_home() | replace("'", "\\'")) ~ "'"
        ) %}
    {% endfor %}
{% endmacro %}
