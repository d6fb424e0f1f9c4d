{#- Claims that none of `column_names` is ever NULL, but those that a platform has not (`absent_columns`); the row it
    finds counts the NULLs of each column that has some. One test for a whole model: to dbt a node costs more than the
    check, and a view is computed once instead of once per column. -#}
{% test never_null(model, column_names) %}
    {%- set checked = column_names | reject("in", absent_columns()) | list %}
    select null_counts.*
    from (
        select
            {%- for column in checked %}
            nullif(count(*) - count({{ column }}), 0) as {{ column }},
            {%- endfor %}
            cast(null as bigint) as nothing
        from {{ model }}
    ) as null_counts
    where coalesce({{ (checked + ["nothing"]) | join(", ") }}) is not null
{% endtest %}
