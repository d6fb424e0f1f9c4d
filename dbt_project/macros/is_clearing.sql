{#- Whether cases that the model calls opinions are set aside unseen: switched on by CLAIMS_CLEARING, and under a promise
    that somebody has named by CLAIMS_CLEARING_PROMISE (the share of claims that may be missed); off by default. -#}
{% macro is_clearing() -%}
    {{ "true" if env_var("CLAIMS_CLEARING", "false") | lower in ["1", "true", "yes", "on"]
        and env_var("CLAIMS_CLEARING_PROMISE", "") else "false" }}
{%- endmacro %}
