{#- Claims that every value lies between `minimum` and `maximum`, both allowed; NULL passes. -#}
{% test expect_between(model, column_name, minimum, maximum) %}
    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} < {{ minimum }} or {{ column_name }} > {{ maximum }}
{% endtest %}
