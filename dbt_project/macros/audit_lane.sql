{#- The audit lane: cases that are drawn at random when they open, so that the measure of everything else stays honest. -#}

{#- The share of cases that are drawn. -#}
{% macro audit_probability() %}{{ return("0.05") }}{% endmacro %}

{#- Whether a case is drawn: a hash under the home's key, which nobody without it can foresee; digits compared as text give
    one value on every engine. -#}
{% macro is_in_audit_lane(case_id) -%}
    substr({{ hashed_identity("'audit ' || " ~ case_id) }}, 1, 8)
    < '{{ "%08x" | format((audit_probability() | float * 4294967296) | int) }}'
{%- endmacro %}
