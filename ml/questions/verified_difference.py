"""Do the videos of verified and not verified accounts differ? Turns sufficient statistics into results.

Pure: moments, rank counts and a bounded sample in, rows of result tables out. Differences are not verified minus
verified.
"""

from typing import NamedTuple

import pandas as pd

from ml.questions import claim_status_effect
from ml.questions.results import (
    GROUP_CONTRAST,
    STRATUM_WORDS,
    Result,
    amount,
    difference_words,
    interval_text,
    is_significant,
    not_testable,
    noun,
    oriented_interval,
    p_text,
    percent,
)
from ml.questions.sufficient_statistics import ALL, STRATA, GroupMoments
from ml.statistics import rank_tests, resampling, t_tests
from ml.statistics.moments import Moments, NotTestableError
from ml.statistics.rank_tests import RankCounts
from ml.statistics.t_tests import EQUIVALENCE_MARGIN, MeanTest
from wording.codes import HYPOTHESIS_TEST


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
        sample: At most `resampling.SAMPLE_ROWS` rows with is_verified, claim_status, is_claim and the metric.

    Returns:
        The headline first, then the decomposition, then the tests per stratum.
    """
    results = claim_status_effect.effect_results(data.metric, data.moments, sample)
    for stratum in STRATA:
        rows = sample if stratum == ALL else sample[sample["claim_status"] == stratum]
        results += [
            welch_result(data, stratum, adjusted[stratum]),
            *_mean_results(data, stratum),
            *_rank_results(data, stratum),
            *_resampling_results(data, stratum, rows),
            *_power_results(data, stratum),
        ]
    return results


def welch_result(data: MetricData, stratum: str, adjusted_p_value: float | None) -> Result:
    """Welch's test of one metric in one stratum."""
    first, second = data.moments[stratum][False], data.moments[stratum][True]
    base = _base(data, stratum, GROUP_CONTRAST, "Welch t-test")
    try:
        test = t_tests.welch_test(first, second)
    except NotTestableError as error:
        return base._replace(
            sentence=not_testable(data.metric, stratum, error), observation_count=first.row_count + second.row_count
        )
    return _with_mean_test(base, test)._replace(
        adjusted_p_value=adjusted_p_value, sentence=_test_sentence(data.metric, stratum, test)
    )


def _mean_results(data: MetricData, stratum: str) -> list[Result]:
    pair = data.pair(stratum)
    where = STRATUM_WORDS[stratum]
    student = _base(data, stratum, GROUP_CONTRAST, "Student t-test")
    effect = _base(data, stratum, "Cohen's d", "pooled standard deviation, noncentral t interval")
    margin = f"margin {EQUIVALENCE_MARGIN:g} standard deviations"
    equivalence = _base(data, stratum, "equivalence", f"two one-sided Welch tests (TOST), {margin}")
    try:
        mean_test = t_tests.student_test(*pair)
        distance = t_tests.cohens_d(*pair)
        same = t_tests.equivalence_test(*pair)
    except NotTestableError as error:
        return [
            base._replace(sentence=not_testable(data.metric, stratum, error)) for base in (student, effect, equivalence)
        ]
    negligible = (
        f"Among {where} the groups' mean {noun(data.metric)} are equivalent within {amount(same.margin)}"
        if is_significant(same.p_value)
        else (
            f"Among {where} the data do not show that the groups' mean {noun(data.metric)} are equivalent within "
            f"{amount(same.margin)}"
        )
    )
    return [
        _with_mean_test(student, mean_test)._replace(sentence=_test_sentence(data.metric, stratum, mean_test)),
        effect._replace(
            estimate=distance.estimate,
            estimate_unit="standard deviations",
            lower_bound=distance.lower_bound,
            upper_bound=distance.upper_bound,
            observation_count=mean_test.observation_count,
            sentence=(
                f"Among {where} the difference in {noun(data.metric)} is {distance.estimate:.3f} standard deviations "
                f"({interval_text(distance.lower_bound, distance.upper_bound)}): {_size_word(distance.estimate)}."
            ),
        ),
        equivalence._replace(
            estimate=mean_test.difference,
            estimate_unit=noun(data.metric),
            statistic_name="t",
            statistic=same.statistic,
            degrees_of_freedom=same.degrees_of_freedom,
            p_value=same.p_value,
            observation_count=mean_test.observation_count,
            sentence=f"{negligible} ({p_text(same.p_value)}).",
        ),
    ]


def _rank_results(data: MetricData, stratum: str) -> list[Result]:
    counts, where = data.ranks[stratum], STRATUM_WORDS[stratum]
    base = _base(data, stratum, GROUP_CONTRAST, "Mann-Whitney U, exact ranks in SQL, normal approximation")
    dominance = _base(data, stratum, "Cliff's delta", "exact ranks in SQL, interval after Cliff")
    try:
        test = rank_tests.mann_whitney(counts)
        delta = rank_tests.cliffs_delta(counts)
    except NotTestableError as error:
        return [row._replace(sentence=not_testable(data.metric, stratum, error)) for row in (base, dominance)]
    found = "differs" if is_significant(test.p_value) else "is not found to differ"
    often = "more" if delta.estimate >= 0 else "less"
    return [
        base._replace(
            statistic_name="U",
            statistic=test.statistic,
            p_value=test.p_value,
            observation_count=test.observation_count,
            sentence=(
                f"Among {where} the rank order of {noun(data.metric)} {found} between the groups "
                f"({p_text(test.p_value)})."
            ),
        ),
        dominance._replace(
            estimate=delta.estimate,
            estimate_unit="difference of probabilities",
            lower_bound=delta.lower_bound,
            upper_bound=delta.upper_bound,
            observation_count=test.observation_count,
            sentence=(
                f"Among {where}, a random video of an account that is not verified has more {noun(data.metric)} "
                "than one of a "
                f"verified account {abs(delta.estimate) * 100:.1f} percentage points {often} often than the reverse "
                f"({oriented_interval(delta.estimate, delta.lower_bound * 100, delta.upper_bound * 100)})."
            ),
        ),
    ]


def _resampling_results(data: MetricData, stratum: str, sample: pd.DataFrame) -> list[Result]:
    values = sample[data.metric].to_numpy(float)
    is_verified = sample["is_verified"].to_numpy(bool)
    first, second = values[~is_verified], values[is_verified]
    where = STRATUM_WORDS[stratum]
    drawn = (
        f"{resampling.DRAWS:,} draws, seed {resampling.SEED}, sample of at most {resampling.SAMPLE_ROWS:,} "
        "rows by key hash"
    )
    permutation = _base(data, stratum, GROUP_CONTRAST, f"permutation test ({drawn})")._replace(
        observation_count=len(values)
    )
    bootstrap = _base(data, stratum, GROUP_CONTRAST, f"percentile bootstrap ({drawn})")._replace(
        observation_count=len(values)
    )
    try:
        p_value = resampling.permutation_p_value(first, second)
        interval = resampling.bootstrap_difference(first, second)
    except NotTestableError as error:
        return [row._replace(sentence=not_testable(data.metric, stratum, error)) for row in (permutation, bootstrap)]
    found = "differ" if is_significant(p_value) else "are not found to differ"
    return [
        permutation._replace(
            estimate=interval.estimate,
            estimate_unit=noun(data.metric),
            p_value=p_value,
            sentence=(
                f"Without any assumption on the distribution, mean {noun(data.metric)} among {where} {found} "
                f"({p_text(p_value)})."
            ),
        ),
        bootstrap._replace(
            estimate=interval.estimate,
            estimate_unit=noun(data.metric),
            lower_bound=interval.lower_bound,
            upper_bound=interval.upper_bound,
            sentence=(
                f"Among {where}, redrawing the videos puts the difference in mean {noun(data.metric)} at "
                f"{amount(interval.estimate)} "
                f"({interval_text(interval.lower_bound, interval.upper_bound)})."
            ),
        ),
    ]


def _power_results(data: MetricData, stratum: str) -> list[Result]:
    first, second = data.pair(stratum)
    where = STRATUM_WORDS[stratum]
    power_row = _base(data, stratum, f"power at d = {EQUIVALENCE_MARGIN:g}", "two-sided t-test, 5 % level")
    effect_row = _base(data, stratum, "smallest detectable effect", "two-sided t-test, 5 % level, 80 % power")
    try:
        power = t_tests.power_analysis(first.row_count, second.row_count)
    except NotTestableError as error:
        return [row._replace(sentence=not_testable(data.metric, stratum, error)) for row in (power_row, effect_row)]
    count = first.row_count + second.row_count
    return [
        power_row._replace(
            estimate=power.power,
            estimate_unit="share",
            observation_count=count,
            sentence=(
                f"Among {where}, a difference of {EQUIVALENCE_MARGIN:g} standard deviations would be found "
                f"with {percent(power.power)} probability."
            ),
        ),
        effect_row._replace(
            estimate=power.detectable_effect,
            estimate_unit="standard deviations",
            observation_count=count,
            sentence=(
                f"Among {where}, a difference below {power.detectable_effect:.3f} standard deviations could "
                "well be missed."
            ),
        ),
    ]


def _base(data: MetricData, stratum: str, term: str, method: str) -> Result:
    return Result(HYPOTHESIS_TEST, data.metric, stratum, term, method, "")


def _with_mean_test(base: Result, test: MeanTest) -> Result:
    return base._replace(
        estimate=test.difference,
        estimate_unit=noun(base.metric),
        lower_bound=test.lower_bound,
        upper_bound=test.upper_bound,
        statistic_name="t",
        statistic=test.statistic,
        degrees_of_freedom=test.degrees_of_freedom,
        p_value=test.p_value,
        observation_count=test.observation_count,
        assumption_status="see assumption_checks; independence of videos is assumed",
    )


def _test_sentence(metric: str, stratum: str, test: MeanTest) -> str:
    where = STRATUM_WORDS[stratum]
    words = difference_words(metric, test.difference, test.lower_bound, test.upper_bound)
    if is_significant(test.p_value):
        return (
            f"Among {where}, those of accounts that are not verified have on average {words}, {p_text(test.p_value)}."
        )
    return (
        f"Among {where}, no difference in mean {noun(metric)} was found: {words} for accounts that are not "
        f"verified, {p_text(test.p_value)}."
    )


def _size_word(effect: float) -> str:
    size = abs(effect)
    names = ((0.2, "negligible"), (0.5, "small"), (0.8, "medium"))
    return next((name for limit, name in names if size < limit), "large")
