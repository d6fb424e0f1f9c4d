{#-
    The key of the hashes that stand for reporters and reviewers in public tables: CLAIMS_IDENTITY_KEY, or else the file
    `identity.key` of the home, which the first build writes. Nobody without it can tell who a hash is.
-#}
{% macro identity_key() %}
    {% set given = env_var("CLAIMS_IDENTITY_KEY", "") %}
    {% if given or not execute %}{{ return(given) }}{% endif %}
    {{ return(adapter.dispatch("identity_key_of_home", "claims_warehouse")()) }}
{% endmacro %}

{% macro hashed_identity(column) -%}
    md5('{{ identity_key() | replace("'", "''") }}' || {{ column }})
{%- endmacro %}

{% macro create_identity_key() %}
    {% if execute and flags.WHICH in ["build", "run", "test"] and not env_var("CLAIMS_IDENTITY_KEY", "") %}
        {% do adapter.dispatch("create_identity_key_of_home", "claims_warehouse")() %}
    {% endif %}
{% endmacro %}

{% macro identity_key_file() %}
    {{ return((env_var("CLAIMS_HOME", "var") ~ "/identity.key") | replace("'", "''")) }}
{% endmacro %}

{% macro default__identity_key_of_home() %}
    {{ return(run_query("select trim(content) from read_text('" ~ identity_key_file() ~ "')").columns[0].values()[0]) }}
{% endmacro %}

{% macro default__create_identity_key_of_home() %}
    {% if run_query("select count(*) from glob('" ~ identity_key_file() ~ "')").columns[0].values()[0] == 0 %}
        {% do run_query("copy (select md5(cast(uuid() as string)) as identity_key) to '" ~ identity_key_file()
            ~ "' (format csv, header false)") %}
    {% endif %}
{% endmacro %}

{#- A cluster has no home of its own: its key comes from the environment. -#}
{% macro spark__identity_key_of_home() %}{{ return("") }}{% endmacro %}
{% macro spark__create_identity_key_of_home() %}{% endmacro %}
