{#- Claims that this column and `field` of the model `to` hold exactly the same keys, none missing on either side. -#}
{% test expect_same_keys(model, column_name, to, field) %}
    select ours.{{ column_name }} as our_key, theirs.{{ field }} as their_key
    from {{ model }} as ours
    full outer join {{ to }} as theirs on ours.{{ column_name }} = theirs.{{ field }}
    where ours.{{ column_name }} is null or theirs.{{ field }} is null
{% endtest %}
