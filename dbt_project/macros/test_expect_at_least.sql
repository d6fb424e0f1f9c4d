{#- Claims that no value lies below `minimum`; NULL passes. -#}
{% test expect_at_least(model, column_name, minimum) %}
    select {{ column_name }} from {{ model }} where {{ column_name }} < {{ minimum }}
{% endtest %}
