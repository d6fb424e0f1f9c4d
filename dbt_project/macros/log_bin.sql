{#-
    Quarter-decade bins of whole counts: 0 alone, then four bins per factor of ten, so that powers of ten are edges. The
    bounds are whole numbers, both inside the bin. From a trillion on (bin 49) bins are cut in millions: beyond, a
    logarithm no longer tells a power of ten from the number before it.
-#}
{% macro log_bin(column) -%}
    case
        when {{ column }} >= 1000000000000
            then 25 + cast(floor(4 * log10(floor(cast({{ column }} as double) / 1000000))) as bigint)
        when {{ column }} > 0 then 1 + cast(floor(4 * log10({{ column }})) as bigint)
        else 0
    end
{%- endmacro %}

{% macro log_bin_lower(bin) -%}
    case
        when {{ bin }} > 48 then 1000000 * cast(ceil(power(10, ({{ bin }} - 25) / 4.0)) as bigint)
        when {{ bin }} > 0 then cast(ceil(power(10, ({{ bin }} - 1) / 4.0)) as bigint)
        else 0
    end
{%- endmacro %}

{% macro log_bin_upper(bin) -%}
    {{ log_bin_lower("(" ~ bin ~ " + 1)") }} - 1
{%- endmacro %}
