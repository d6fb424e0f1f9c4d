"""How the scores of each release did: what was decided, what was expected to go wrong, and what labels said later."""

from typing import Any

from warehouse import contract
from warehouse.protocol import Engine

INTO = "score_history"
# Of the videos that had no label when they were scored; the probabilities are calibrated, so sums of them are expected
# errors.
_SCORED = """
    select count(*) as undecided_count,
        count(case when predictions.decision = 'claim' then 1 end) as claim_count,
        count(case when predictions.decision = 'opinion' then 1 end) as opinion_count,
        count(case when predictions.decision = 'needs_review' then 1 end) as review_count,
        avg(predictions.claim_probability) as mean_probability,
        sum(case when predictions.decision = 'opinion' then predictions.claim_probability else cast(0 as double) end)
            as expected_missed,
        sum(case when predictions.decision = 'claim' then 1 - predictions.claim_probability else cast(0 as double) end)
            as expected_wasted
    from {claim_predictions} as predictions
    inner join {video_features} as features on predictions.video_id = features.video_id
    where features.is_claim is null
"""
# The built predictions are still the last release's, with the label that each video had then.
_LABELLED_SINCE = """
    select count(*) as later_labelled_count,
        count(case when before.decision = 'opinion' and features.is_claim then 1 end) as observed_missed_count,
        count(case when before.decision = 'claim' and not features.is_claim then 1 end) as observed_wasted_count
    from {fct_claim_predictions} as before
    inner join {video_features} as features on before.video_id = features.video_id
    where before.label is null and before.feature_set != 'unscored' and features.is_claim is not null
"""


def history(engine: Engine, release_number: int) -> list[dict[str, Any]]:
    """The rows of earlier releases, the newest of them with the labels that have arrived since, and one for this.

    Args:
        engine: The working warehouse, after scoring and before the marts on results are built anew.
        release_number: Of the release that these scores are for.

    Returns:
        Rows of `ml.score_history`, from the oldest release.
    """
    names = ("claim_predictions", "video_features", "fct_claim_predictions", INTO)
    relations = {name: contract.relation(name) for name in names}
    earlier: list[dict[str, Any]] = engine.query(
        f"select * from {relations[INTO]} where release_number < {int(release_number)} order by release_number"
    ).to_pylist()
    if earlier and _is_built(engine, relations["fct_claim_predictions"]):
        earlier[-1] |= engine.query(_LABELLED_SINCE.format(**relations)).to_pylist()[0]
    return [*earlier, {"release_number": release_number, **engine.query(_SCORED.format(**relations)).to_pylist()[0]}]


def _is_built(engine: Engine, relation: str) -> bool:
    """Whether predictions of a run before this one stand, written by code that keeps the label of that time."""
    if relation not in engine.relations():
        return False
    return "label" in engine.query(f"select * from {relation} limit 0").column_names
