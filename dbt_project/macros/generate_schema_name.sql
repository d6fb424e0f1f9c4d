{#- The custom name exactly (`marts`, never `main_marts`), behind the environment's prefix. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (env_var("CLAIMS_SCHEMA_PREFIX", "") ~ (custom_schema_name or target.schema)) | trim }}
{%- endmacro %}
