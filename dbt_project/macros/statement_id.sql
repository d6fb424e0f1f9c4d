{#- The same for transcripts that say the same, whatever their letter case, blanks and punctuation; NULL for none. -#}
{% macro statement_id(text) -%}
    md5(nullif(translate(lower({{ text }}), ' .,;:!?"()-', ''), ''))
{%- endmacro %}
