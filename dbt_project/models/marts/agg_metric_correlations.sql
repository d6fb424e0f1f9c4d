-- One row per claim status and pair of metrics. `all` mixes the classes: what it shows beyond the classes' own rows is
-- the distance between them.
{% set metrics = {
    'duration': 'video_duration_sec',
    'views': 'video_view_count',
    'likes': 'video_like_count',
    'shares': 'video_share_count',
    'downloads': 'video_download_count',
    'comments': 'video_comment_count',
} %}
with

videos as (

    select *
    from {{ ref('fct_videos') }}
    where is_labelled

),

scoped as (

    select
        videos.*,
        claim_status as claim_scope
    from videos
    union all
    select
        videos.*,
        'all' as claim_scope
    from videos

),

coefficients as (

    select
        claim_scope,
        {% for first, first_column in metrics.items() %}
        {% for second, second_column in metrics.items() %}
        corr(cast({{ first_column }} as double), cast({{ second_column }} as double)) as {{ first }}_{{ second }},
        {% endfor %}
        {% endfor %}
        count(video_view_count) as video_count
    from scoped
    group by claim_scope

),

final as (

    {% for first in metrics %}
    {% set outer_loop = loop %}
    {% for second in metrics %}
    select
        claim_scope,
        '{{ first }}' as first_metric,
        '{{ second }}' as second_metric,
        -- An engine may answer NaN where a metric does not vary.
        nullif({{ first }}_{{ second }}, cast('nan' as double)) as coefficient,
        video_count
    from coefficients
    {% if not (loop.last and outer_loop.last) %}union all{% endif %}
    {% endfor %}
    {% endfor %}

)

select * from final
