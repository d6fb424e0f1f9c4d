{#- Claims that none of `column_names` is ever NULL; the row it finds counts the NULLs of each column that has some.
    One test for a whole model: to dbt a node costs more than the check, and a view is computed once instead of once
    per column. -#}
{% test never_null(model, column_names) %}
    select null_counts.*
    from (
        select
            {%- for column in column_names %}
            nullif(count(*) - count({{ column }}), 0) as {{ column }}{{ "," if not loop.last }}
            {%- endfor %}
        from {{ model }}
    ) as null_counts
    where coalesce({{ column_names | join(", ") }}) is not null
{% endtest %}
