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

median_reach as (

    select percentile_cont(0.5) within group (order by video_view_count) as median_views
    from videos

),

last_delivery as (

    select max(delivery_number) as delivery_number from videos

),

scored as (

    select
        videos.video_id,
        videos.claim_status,
        videos.verified_status,
        videos.author_ban_status,
        videos.video_view_count,
        predictions.claim_probability,
        predictions.decision,
        predictions.stage,
        predictions.model_run_id,
        cast(coalesce(videos.video_view_count, median_reach.median_views, 0) as double) as reach,
        cast(coalesce(author_weights.weight, 1.0) as double) as author_weight,
        cast(last_delivery.delivery_number - videos.delivery_first_number as bigint) as waiting_delivery_count
    from videos
    inner join predictions on videos.video_id = predictions.video_id
    cross join median_reach
    cross join last_delivery
    left join weights as author_weights
        on author_weights.weight_name = 'author:' || videos.author_ban_status

),

harms as (

    select
        scored.*,
        claim_probability * reach * author_weight as expected_harm
    from scored

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

final as (

    select
        cast(row_number() over (order by priority desc, md5(cast(video_id as string))) as bigint) as queue_rank,
        video_id,
        priority,
        expected_harm,
        claim_probability,
        decision,
        stage,
        model_run_id,
        claim_status,
        verified_status,
        author_ban_status,
        video_view_count,
        reach,
        waiting_delivery_count,
        case
            when stage = 'unscored' then 'Not scored yet: a person decides.'
            when stage = 'metadata' then 'Neither counts nor transcript: a person decides.'
            when decision = 'claim' then 'Likely a claim.'
            when decision = 'opinion' then 'Likely an opinion.'
            else 'The model is not sure: a person decides.'
        end
        || case when video_view_count is null then ' No view count: taken as the median.' else '' end
        || case when author_weight > 1 then ' Author ' || author_ban_status || '.' else '' end
        || case
            when waiting_delivery_count > 0
                then ' Waiting for ' || cast(waiting_delivery_count as string) || ' deliveries.'
            else ''
        end as reason
    from prioritised

)

select * from final
