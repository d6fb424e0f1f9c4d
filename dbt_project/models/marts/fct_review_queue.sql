-- One row per current video, in the order in which a moderator should see them.
with

videos as (

    select * from {{ ref('fct_videos') }}

),

predictions as (

    select * from {{ ref('fct_claim_predictions') }}

),

weights as (

    select * from {{ ref('queue_weights') }}

),

-- Until the ranks are known the tables are read directly: a CTE that is used twice may be kept in memory with all its
-- columns.
constants as (

    select
        percentile_cont(0.5) within group (order by video_view_count) as median_views,
        max(delivery_number) as last_delivery_number
    from {{ ref('fct_videos') }}

),

weighed as (

    select
        videos.video_id,
        predictions.claim_probability,
        cast(coalesce(videos.video_view_count, constants.median_views, 0) as double) as reach,
        cast(coalesce(author_weights.weight, 1.0) as double) as author_weight,
        cast(constants.last_delivery_number - videos.delivery_first_number as bigint) as waiting_delivery_count
    from {{ ref('fct_videos') }} as videos
    inner join {{ ref('fct_claim_predictions') }} as predictions on videos.video_id = predictions.video_id
    cross join constants
    left join weights as author_weights
        on author_weights.weight_name = 'author:' || videos.author_ban_status

),

harms as (

    select
        weighed.*,
        claim_probability * reach * author_weight as expected_harm
    from weighed

),

ageing as (

    select
        max(case when weights.weight_name = 'ageing' then weights.weight end) as weight,
        max(harms.expected_harm) as largest_harm
    from harms
    cross join weights

),

prioritised as (

    select
        harms.*,
        harms.expected_harm
        + harms.waiting_delivery_count * ageing.weight * ageing.largest_harm as priority
    from harms
    cross join ageing

),

-- Few and narrow columns are sorted; words join the ranks afterwards.
ranked as (

    select
        prioritised.*,
        cast(row_number() over (
            order by priority desc, waiting_delivery_count desc, video_id asc
        ) as bigint) as queue_rank
    from prioritised

),

final as (

    select
        ranked.queue_rank,
        ranked.video_id,
        ranked.priority,
        ranked.expected_harm,
        predictions.claim_probability,
        predictions.decision,
        predictions.decision_reason,
        predictions.feature_set,
        predictions.model_run_id,
        videos.claim_status,
        videos.verified_status,
        videos.author_ban_status,
        videos.video_view_count,
        ranked.reach,
        ranked.waiting_delivery_count,
        ranked.author_weight,
        {{ queue_reason() }} as reason
    from ranked
    inner join videos on ranked.video_id = videos.video_id
    inner join predictions on ranked.video_id = predictions.video_id

)

select * from final
