{#- The same for transcripts that say the same, whatever their letter case, punctuation and blanks; NULL for none. -#}
{% macro statement_id(text) -%}
    md5(nullif(trim({{ adapter.dispatch("letters_and_digits", "claims_warehouse")(text) }}), ''))
{%- endmacro %}

{% macro default__letters_and_digits(text) -%}
    regexp_replace(lower({{ text }}), '[^\p{L}\p{N}]+', ' ', 'g')
{%- endmacro %}

{% macro spark__letters_and_digits(text) -%}
    regexp_replace(lower({{ text }}), '[^\\p{L}\\p{N}]+', ' ')
{%- endmacro %}
