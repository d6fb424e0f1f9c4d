{#- What the model says of a case in fct_review_queue, as a code whose text stands in the seed code_texts. -#}
{% macro queue_reason(known) -%}
    case
        when {{ known }}.decision_reason not in ('model', 'unsure') then {{ known }}.decision_reason
        when {{ known }}.decision = 'claim' then 'likely_claim'
        when {{ known }}.decision = 'opinion' then 'likely_opinion'
        else 'unsure'
    end
{%- endmacro %}
