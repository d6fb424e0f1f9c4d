"""Which metric is most telling to test? Ranks the candidates by effect size, overall and within each class."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from ml.questions.claim_status_effect import strata_pairs
from ml.questions.sufficient_statistics import ALL, STRATA
from ml.questions.verified_difference import MetricData
from ml.statistics import decomposition, multiplicity, rank_tests, t_tests
from ml.statistics.moments import NotTestableError
from ml.statistics.t_tests import Interval

Returned = TypeVar("Returned")


class RankedMetric(NamedTuple):
    """One row of `ml.metric_ranking`."""

    stratum: str
    metric: str
    effect_rank: int
    not_verified_mean: float
    verified_mean: float
    mean_difference: float
    cohens_d: float | None
    cohens_d_lower_bound: float | None
    cohens_d_upper_bound: float | None
    cliffs_delta: float | None
    cliffs_delta_lower_bound: float | None
    cliffs_delta_upper_bound: float | None
    p_value: float | None
    adjusted_p_value: float | None
    composition_share: float | None
    observation_count: int


def rank_metrics(data: list[MetricData]) -> list[RankedMetric]:
    """Rank the metrics by how strongly the groups differ, in all videos and within each class.

    Args:
        data: Moments and rank counts of each candidate metric.

    Returns:
        One row per stratum and metric, strata first, largest |d| first; Holm's correction runs over the metrics of a
        stratum.
    """
    return [row for stratum in STRATA for row in _rank_stratum(data, stratum)]


def _rank_stratum(data: list[MetricData], stratum: str) -> list[RankedMetric]:
    p_values = [_attempt(lambda *pair: t_tests.welch_test(*pair).p_value, *item.pair(stratum)) for item in data]
    adjusted = dict(zip((item.metric for item in data), multiplicity.holm(p_values), strict=True))
    effects = {item.metric: _attempt(t_tests.cohens_d, *item.pair(stratum)) for item in data}
    by_effect = sorted(
        zip(data, p_values, strict=True),
        key=lambda entry: -abs(effect.estimate) if (effect := effects[entry[0].metric]) is not None else 1.0,
    )
    return [
        _ranked(
            data=item,
            stratum=stratum,
            rank=rank,
            effect=effects[item.metric],
            p_value=p_value,
            adjusted=adjusted[item.metric],
        )
        for rank, (item, p_value) in enumerate(by_effect, start=1)
    ]


def _ranked(
    data: MetricData, stratum: str, rank: int, effect: Interval | None, p_value: float | None, adjusted: float | None
) -> RankedMetric:
    first, second = data.pair(stratum)
    delta = _attempt(rank_tests.cliffs_delta, data.ranks[stratum])
    d_estimate, d_lower, d_upper = effect or (None, None, None)
    delta_estimate, delta_lower, delta_upper = delta or (None, None, None)
    return RankedMetric(
        stratum=stratum,
        metric=data.metric,
        effect_rank=rank,
        not_verified_mean=first.mean,
        verified_mean=second.mean,
        mean_difference=first.mean - second.mean,
        cohens_d=d_estimate,
        cohens_d_lower_bound=d_lower,
        cohens_d_upper_bound=d_upper,
        cliffs_delta=delta_estimate,
        cliffs_delta_lower_bound=delta_lower,
        cliffs_delta_upper_bound=delta_upper,
        p_value=p_value,
        adjusted_p_value=adjusted,
        composition_share=_composition_share(data) if stratum == ALL else None,
        observation_count=first.row_count + second.row_count,
    )


def _attempt(function: Callable[..., Returned], *arguments: Any) -> Returned | None:
    try:
        return function(*arguments)
    except NotTestableError:
        return None


def _composition_share(data: MetricData) -> float | None:
    split = _attempt(decomposition.kitagawa, strata_pairs(data.moments))
    return None if split is None else split.composition_share
