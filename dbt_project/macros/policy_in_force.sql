{#- One row: the order of review that the comparison of policies chose, or arrival where nothing was compared. -#}
{% macro policy_in_force() -%}
    select policies.*
    from {{ ref('review_policies') }} as policies
    inner join (
        select coalesce(max(case when is_in_force then policy end), 'arrival') as policy
        from {{ ref('agg_queue_policies') }}
    ) as chosen on policies.policy = chosen.policy
{%- endmacro %}

{#- How early a policy wants each case: the product of what is known of it, each raised to the policy's power; larger is
    sooner. `case_columns` holds claim_probability, reach, report_count, weighted_report, waiting and report_age. -#}
{% macro policy_score(case_columns, policy) -%}
    {% for name in ["claim_probability", "reach", "report_count", "weighted_report", "waiting", "report_age"] -%}
    power({{ case_columns }}.{{ name }}, {{ policy }}.{{ name }}_power){{ " * " if not loop.last }}
    {%- endfor %}
{%- endmacro %}
