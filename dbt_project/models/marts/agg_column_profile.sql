-- One row per delivered column: how complete it is and what it ranges over. Extremes of text are its shortest and
-- longest length in characters.
{% set columns = {
    'claim_status': 'string',
    'video_id': 'bigint',
    'video_duration_sec': 'bigint',
    'video_transcription_text': 'string',
    'verified_status': 'string',
    'author_ban_status': 'string',
    'video_view_count': 'bigint',
    'video_like_count': 'bigint',
    'video_share_count': 'bigint',
    'video_download_count': 'bigint',
    'video_comment_count': 'bigint',
} %}
with

videos as (

    select * from {{ ref('fct_videos') }}

),

final as (

    {% for column, type in columns.items() %}
    {% set measure = 'length(' ~ column ~ ')' if type == 'string' else column %}
    select
        cast({{ loop.index }} as bigint) as column_number,
        '{{ column }}' as column_name,
        '{{ type }}' as column_type,
        count(*) as video_count,
        count({{ column }}) as non_null_count,
        count(*) - count({{ column }}) as null_count,
        count(distinct {{ column }}) as distinct_count,
        cast(min({{ measure }}) as bigint) as minimum,
        cast(max({{ measure }}) as bigint) as maximum,
        avg(cast({{ measure }} as double)) as mean
    from videos
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from final
