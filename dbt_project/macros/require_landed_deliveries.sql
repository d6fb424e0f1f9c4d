{#- Stops a build without videos with the one sentence that helps. -#}
{% macro require_landed_deliveries() %}
    {% if execute and flags.WHICH in ["build", "run", "test"] %}
        {% set found = run_query(adapter.dispatch("count_landed_deliveries", "claims_warehouse")()) %}
        {% if found.columns[0].values()[0] == 0 %}
            {{
                exceptions.raise_compiler_error(
                    "No videos have landed in " ~ landing_home() ~ ": run `claims ingest` with a file of videos first."
                )
            }}
        {% endif %}
    {% endif %}
{% endmacro %}

{% macro default__count_landed_deliveries() %}
    select count(*) from glob('{{ landing_home() | replace("'", "''") }}/*/landed_videos.parquet')
{% endmacro %}

{% macro spark__count_landed_deliveries() %}
    select count(*) from {{ env_var("CLAIMS_SCHEMA_PREFIX", "") }}landing.landed_deliveries where feed = 'videos'
{% endmacro %}

{#- The folder of landed deliveries; sources.yml, which sees no macros, says the same. -#}
{% macro landing_home() %}{{ return(env_var("CLAIMS_HOME", "var") ~ "/landing") }}{% endmacro %}
