{#- Whether cases that the model calls opinions are set aside unseen: switched on by CLAIMS_CLEARING, off by default. -#}
{% macro is_clearing() -%}
    {{ "true" if env_var("CLAIMS_CLEARING", "false") | lower in ["1", "true", "yes", "on"] else "false" }}
{%- endmacro %}
