{#- Why a video stands where it stands in fct_review_queue, as a code whose text stands in the seed code_texts. -#}
{% macro queue_reason() -%}
    case
        when predictions.decision_reason not in ('model', 'unsure') then predictions.decision_reason
        when predictions.decision = 'claim' then 'likely_claim'
        when predictions.decision = 'opinion' then 'likely_opinion'
        else 'unsure'
    end
{%- endmacro %}
