{#- Why a video stands where it stands in fct_review_queue, from its ranks, its video and its prediction. -#}
{% macro queue_reason() -%}
    case
        when predictions.decision_reason = 'unscored' then 'Not scored yet: a person decides.'
        when predictions.decision_reason = 'account_only' then 'Neither counts nor transcript: a person decides.'
        when predictions.decision_reason = 'too_young' then 'Too few views to tell, no transcript: a person decides.'
        when predictions.decision_reason = 'unknown_words' then 'Words unlike those learned from: a person decides.'
        when predictions.decision_reason = 'out_of_range' then 'Numbers unlike those learned from: a person decides.'
        when predictions.decision_reason = 'disagreement' then 'Two models disagree: a person decides.'
        when predictions.decision = 'claim' then 'Likely a claim.'
        when predictions.decision = 'opinion' then 'Likely an opinion.'
        else 'The model is not sure: a person decides.'
    end
    || case when videos.video_view_count is null then ' No view count: taken as the median.' else '' end
    || case when ranked.author_weight > 1 then ' Author ' || videos.author_ban_status || '.' else '' end
    || case
        when ranked.waiting_delivery_count > 0
            then ' Waiting for ' || cast(ranked.waiting_delivery_count as string) || ' deliveries.'
        else ''
    end
{%- endmacro %}
