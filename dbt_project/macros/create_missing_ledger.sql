{#- `quality.run_ledger` reads the ledger; a build before any command has written a line finds an empty one. -#}
{% macro create_missing_ledger() %}
    {% if execute and flags.WHICH in ["build", "run", "test"] %}
        {% do adapter.dispatch("create_missing_ledger", "claims_warehouse")() %}
    {% endif %}
{% endmacro %}

{% macro default__create_missing_ledger() %}
    {% set file = (env_var("CLAIMS_HOME", "var") ~ "/ledger.jsonl") | replace("'", "''") %}
    {% set found = run_query("select count(*) from glob('" ~ file ~ "')") %}
    {% if found.columns[0].values()[0] == 0 %}
        {% do run_query("copy (select 1 as line where false) to '" ~ file ~ "' (format json)") %}
    {% endif %}
{% endmacro %}

{#- Spark reads a table over a missing file as an empty one. -#}
{% macro spark__create_missing_ledger() %}{% endmacro %}
