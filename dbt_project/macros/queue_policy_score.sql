{#- What each policy of the seed queue_policies orders the rows of `cases` by; larger is sooner. -#}
{% macro queue_policy_score(cases) -%}
    case policies.policy
        when 'views' then {{ cases }}.reach
        when 'metadata_probability' then coalesce({{ cases }}.metadata_probability, 0.5)
        when 'transcript_probability' then coalesce({{ cases }}.transcript_probability, 0.5)
        when 'probability' then {{ cases }}.claim_probability
        when 'probability_times_reach' then {{ cases }}.claim_probability * {{ cases }}.reach
        when 'priority' then {{ cases }}.priority
        -- Claims first, the most viewed before the rest.
        when 'oracle' then {{ cases }}.claim_count * (1.0 + {{ cases }}.claim_view_count)
        else 0.0
    end
{%- endmacro %}
