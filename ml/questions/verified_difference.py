"""Do the videos of verified and not verified accounts differ? Turns sufficient statistics into results.

Pure: moments, rank counts and a bounded sample in, rows of result tables out. Differences are not verified minus
verified.
"""

from typing import NamedTuple

import pandas as pd

from ml.questions import claim_status_effect
from ml.questions.results import Result, clear_or_not
from ml.questions.sufficient_statistics import ALL, STRATA, GroupMoments
from ml.statistics import rank_tests, resampling, t_tests
from ml.statistics.moments import Moments, NotTestableError
from ml.statistics.rank_tests import RankCounts
from ml.statistics.t_tests import EQUIVALENCE_MARGIN, MeanTest
from wording import codes
from wording.names import noun


class MetricData(NamedTuple):
    """Everything the tests of one metric need."""

    metric: str
    moments: GroupMoments
    ranks: dict[str, RankCounts]

    def pair(self, stratum: str) -> tuple[Moments, Moments]:
        """Moments of the not verified and of the verified in a stratum."""
        return self.moments[stratum][False], self.moments[stratum][True]


def metric_results(data: MetricData, adjusted: dict[str, float | None], sample: pd.DataFrame) -> list[Result]:
    """All tests of one metric, by stratum, with what claim status explains at the front.

    Args:
        data: Its moments and rank counts.
        adjusted: Stratum to Welch's p-value after Holm's correction.
        sample: At most `resampling.SAMPLE_ROWS` rows with is_verified, label, is_claim and the metric.

    Returns:
        The headline first, then the decomposition, then the tests per stratum.
    """
    results = claim_status_effect.effect_results(data.metric, data.moments, sample)
    try:
        gaps = claim_status_effect.gaps(data.moments)
    except NotTestableError:
        gaps = {}
    for stratum in STRATA:
        rows = sample if stratum == ALL else sample[sample["label"] == stratum]
        results += [
            welch_result(data, stratum, adjusted[stratum]),
            *_mean_results(data, stratum, gaps[stratum].status if stratum in gaps else None),
            *_rank_results(data, stratum),
            *_resampling_results(data, stratum, rows),
            *_power_results(data, stratum),
        ]
    return results


def welch_result(data: MetricData, stratum: str, adjusted_p_value: float | None) -> Result:
    """Welch's test of one metric in one stratum."""
    first, second = data.pair(stratum)
    base = _base(data, stratum, codes.CONTRAST, codes.WELCH)
    try:
        test = t_tests.welch_test(first, second)
    except NotTestableError as error:
        return base.refused(error.reason).counted(first.row_count + second.row_count)
    return _with_mean_test(base, test)._replace(adjusted_p_value=adjusted_p_value)


def _mean_results(data: MetricData, stratum: str, status: str | None) -> list[Result]:
    pair = data.pair(stratum)
    student = _base(data, stratum, codes.CONTRAST, codes.STUDENT)
    effect = _base(data, stratum, codes.COHENS_D, "pooled standard deviation, noncentral t interval")
    margin = f"margin {EQUIVALENCE_MARGIN:g} standard deviations"
    equivalence = _base(data, stratum, codes.EQUIVALENCE, f"two one-sided Welch tests (TOST), {margin}")
    try:
        mean_test = t_tests.student_test(*pair)
        distance = t_tests.cohens_d(*pair)
        same = t_tests.equivalence_test(*pair)
    except NotTestableError as error:
        return [base.refused(error.reason) for base in (student, effect, equivalence)]
    return [
        _with_mean_test(student, mean_test),
        effect.with_estimate(
            distance.estimate, "standard deviations", (distance.lower_bound, distance.upper_bound)
        ).counted(mean_test.observation_count),
        equivalence._replace(margin=same.margin)
        .with_estimate(mean_test.difference, noun(data.metric))
        .with_test("t", same.statistic, same.p_value, same.degrees_of_freedom)
        .counted(mean_test.observation_count)
        .judged(status),
    ]


def _rank_results(data: MetricData, stratum: str) -> list[Result]:
    counts = data.ranks[stratum]
    base = _base(data, stratum, codes.CONTRAST, "Mann-Whitney U, exact ranks in SQL, normal approximation")
    dominance = _base(data, stratum, codes.CLIFFS_DELTA, "exact ranks in SQL, interval after Cliff")
    try:
        test = rank_tests.mann_whitney(counts)
        delta = rank_tests.cliffs_delta(counts)
    except NotTestableError as error:
        return [row.refused(error.reason) for row in (base, dominance)]
    return [
        base.with_test("U", test.statistic, test.p_value).counted(test.observation_count),
        dominance.with_estimate(
            delta.estimate, "difference of probabilities", (delta.lower_bound, delta.upper_bound)
        ).counted(test.observation_count),
    ]


def _resampling_results(data: MetricData, stratum: str, sample: pd.DataFrame) -> list[Result]:
    values = sample[data.metric].to_numpy(float)
    is_verified = sample["is_verified"].to_numpy(bool)
    first, second = values[~is_verified], values[is_verified]
    drawn = (
        f"{resampling.DRAWS:,} draws, seed {resampling.SEED}, sample of at most {resampling.SAMPLE_ROWS:,} "
        "rows by key hash"
    )
    permutation, bootstrap = (
        _base(data, stratum, codes.CONTRAST, f"{method} ({drawn})").counted(len(values))
        for method in ("permutation test", "percentile bootstrap")
    )
    try:
        p_value = resampling.permutation_p_value(first, second)
        interval = resampling.bootstrap_difference(first, second)
    except NotTestableError as error:
        return [row.refused(error.reason) for row in (permutation, bootstrap)]
    unit = noun(data.metric)
    return [
        permutation._replace(p_value=p_value, verdict=clear_or_not(p_value)).with_estimate(interval.estimate, unit),
        bootstrap.with_estimate(interval.estimate, unit, (interval.lower_bound, interval.upper_bound)),
    ]


def _power_results(data: MetricData, stratum: str) -> list[Result]:
    first, second = data.pair(stratum)
    power_row = _base(data, stratum, f"{codes.POWER} at d = {EQUIVALENCE_MARGIN:g}", "two-sided t-test, 5 % level")
    effect_row = _base(data, stratum, codes.DETECTABLE, "two-sided t-test, 5 % level, 80 % power")
    needed_row = _base(data, stratum, codes.NEEDED, "two one-sided tests, 5 % level, 80 % power, equal means")
    try:
        power = t_tests.power_analysis(first.row_count, second.row_count)
        needed = t_tests.rows_to_decide(first.row_count, second.row_count)
    except NotTestableError as error:
        return [row.refused(error.reason) for row in (power_row, effect_row, needed_row)]
    count = first.row_count + second.row_count
    return [
        power_row._replace(margin=EQUIVALENCE_MARGIN).with_estimate(power.power, "share").counted(count),
        effect_row.with_estimate(power.detectable_effect, "standard deviations").counted(count),
        needed_row.with_estimate(float(needed), "videos of the smaller group").counted(
            min(first.row_count, second.row_count)
        ),
    ]


def _base(data: MetricData, stratum: str, term: str, method: str) -> Result:
    return Result(codes.HYPOTHESIS_TEST, data.metric, stratum, term, method)


def _with_mean_test(base: Result, test: MeanTest) -> Result:
    return (
        base.with_estimate(test.difference, noun(base.metric), (test.lower_bound, test.upper_bound))
        .with_test("t", test.statistic, test.p_value, test.degrees_of_freedom)
        .counted(test.observation_count)
        .assuming("see_checks")
    )
