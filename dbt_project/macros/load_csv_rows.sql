{#-
    Seeds on Spark: values stand in the statement as literals, since dbt-spark 1.11 writes an empty cell as the text
    'None' in a session and does not escape quotes.
-#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {% set types = model["config"].get("column_types", {}) %}
    {% set rows = [] %}
    {% for row in agate_table.rows %}
        {% set cells = [] %}
        {% for column in agate_table.column_names %}
            {% set type = types.get(column, adapter.convert_type(agate_table, loop.index0)) %}
            {% set value = row[loop.index0] %}
            {% set literal = "null" if value is none else string_literal(escape_single_quotes(value | string)) %}
            {% do cells.append("cast(" ~ literal ~ " as " ~ type ~ ")") %}
        {% endfor %}
        {% do rows.append("(" ~ cells | join(", ") ~ ")") %}
    {% endfor %}
    {% set sql = "insert into " ~ this.render() ~ " values " ~ rows | join(", ") %}
    {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}
