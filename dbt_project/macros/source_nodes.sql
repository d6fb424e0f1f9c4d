{#- The relation of a source that the graph holds. -#}
{% macro source_relation(source_node) %}
    {{ return(api.Relation.create(
        database=source_node.database, schema=source_node.schema, identifier=source_node.identifier
    )) }}
{% endmacro %}

{#- The columns that a source declares, as a column list of `create table`. -#}
{% macro declared_columns(source_node) %}
    {% set declared = [] %}
    {% for column in source_node.columns.values() %}
        {% do declared.append(adapter.quote(column.name) ~ " " ~ column.data_type) %}
    {% endfor %}
    {{ return(declared | join(", ")) }}
{% endmacro %}
