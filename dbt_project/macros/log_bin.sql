{#-
    Quarter-decade bins of whole counts: 0 alone, then four bins per factor of ten, so that powers of ten are edges. The
    bounds are whole numbers, both inside the bin.
-#}
{% macro log_bin(column) -%}
    case when {{ column }} > 0 then 1 + cast(floor(4 * log10({{ column }})) as bigint) else 0 end
{%- endmacro %}

{% macro log_bin_lower(bin) -%}
    case when {{ bin }} > 0 then cast(ceil(power(10, ({{ bin }} - 1) / 4.0)) as bigint) else 0 end
{%- endmacro %}

{% macro log_bin_upper(bin) -%}
    case when {{ bin }} > 0 then cast(ceil(power(10, {{ bin }} / 4.0)) as bigint) - 1 else 0 end
{%- endmacro %}
