{#- Claims that every value is one of the categories that the feed's declaration lists for a column of this name; NULL
    passes, and `or_unlabelled` stands where a NULL label is spelled out. -#}
{% test expect_declared_category(model, column_name, or_unlabelled=false) %}
    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} not in ({{ declared_categories(column_name, or_unlabelled) }})
{% endtest %}

{% macro declared_categories(column_name, or_unlabelled) %}
    {% set found = ["'unlabelled'"] if or_unlabelled else [] %}
    {% if execute %}
        {% for source_node in graph.sources.values() if source_node.source_name == "landing" %}
            {% for category in source_node.columns.get(column_name, {}).get("meta", {}).get("categories", []) %}
                {% do found.append(string_literal(escape_single_quotes(category))) %}
            {% endfor %}
        {% endfor %}
        {% if not found %}
            {{ exceptions.raise_compiler_error("No feed declares categories for " ~ column_name ~ ".") }}
        {% endif %}
    {% endif %}
    {{ return(found | join(", ")) }}
{% endmacro %}
