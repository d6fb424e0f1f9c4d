{#- The columns that the platform of some delivery has not, as its map of columns says: NULL there in every row, which
    no test may hold against it. Asked at run time alone, so that no test hangs on the source in the graph. -#}
{% macro absent_columns() %}
    {% set found = [] %}
    {% if execute and flags.WHICH in ["build", "run", "test"] %}
        {% set rows = run_query(
            "select distinct column_name from " ~ source("landing", "landed_repairs")
            ~ " where repair_kind = 'absent_column' order by column_name"
        ) %}
        {% for row in rows.rows %}
            {% do found.append(row[0]) %}
        {% endfor %}
        {% if "verified_status" in found %}
            {% do found.append("is_verified") %}
        {% endif %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}
