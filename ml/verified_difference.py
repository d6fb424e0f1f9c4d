"""Do the videos of verified and not verified accounts differ? Turns sufficient statistics into results and a ranking.

Pure: moments, rank counts and a bounded sample in, rows of result tables out. Differences are not verified minus
verified.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import pandas as pd
import statsmodels.api as sm

from ml import decomposition, hypothesis_tests, rank_tests, resampling
from ml.hypothesis_tests import EQUIVALENCE_MARGIN, Interval, MeanTest
from ml.moments import Moments, NotTestableError
from ml.rank_tests import RankCounts
from ml.results import (
    GROUP_CONTRAST,
    HYPOTHESIS_TEST,
    STRATUM_WORDS,
    Result,
    amount,
    capitalise,
    interval_text,
    is_significant,
    noun,
    p_text,
    percent,
)
from ml.sufficient_statistics import ALL, CLASSES, STRATA, GroupMoments

Returned = TypeVar("Returned")

EXPLAINED_SHARE = 0.8
"""From this part on composition explains a difference, if what is left is not significant either."""
ROWS_IN_SQL = "sufficient statistics of all rows, computed in SQL"


class MetricData(NamedTuple):
    """Everything the tests of one metric need."""

    metric: str
    moments: GroupMoments
    ranks: dict[str, RankCounts]


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
    sentence: str


class Explanation(NamedTuple):
    """Whether claim status explains a difference."""

    verdict: str
    """no difference, explained, partly explained, not explained, reversed, or not testable."""
    composition_share: float | None
    sentence: str


def strata_pairs(moments: GroupMoments) -> dict[str, decomposition.Pair]:
    """Moments of both groups by class, as the decomposition takes them."""
    return {stratum: (moments[stratum][False], moments[stratum][True]) for stratum in CLASSES}


def explain(metric: str, moments: GroupMoments) -> Explanation:
    """Say whether a difference is one between accounts or one of what they post.

    Args:
        metric: The variable.
        moments: Its moments by stratum and group.

    Returns:
        Verdict and a sentence that follows the data: composition after Kitagawa, what is left after standardisation.
    """
    groups, pairs = moments[ALL], strata_pairs(moments)
    try:
        overall = hypothesis_tests.welch_test(groups[False], groups[True])
    except NotTestableError as error:
        return Explanation("not testable", None, f"Verified and other accounts cannot be compared on {noun(metric)}: {error}.")
    observed = _difference_words(metric, overall)
    if not is_significant(overall.p_value):
        return Explanation(
            "no difference",
            None,
            f"No difference in mean {noun(metric)} between verified and other accounts was found "
            f"({observed}, {p_text(overall.p_value)}).",
        )
    lead = f"Videos of accounts that are not verified have on average {observed}"
    try:
        split = decomposition.kitagawa(pairs)
        adjusted = decomposition.standardised_difference(pairs)
    except NotTestableError as error:
        return Explanation(
            "not testable", None, f"{lead}; whether claim status explains this cannot be told: {error}."
        )
    share = split.composition_share
    left = f"with equal shares of claims {_difference_words(metric, adjusted)} are left, {p_text(adjusted.p_value)}"
    if not is_significant(adjusted.p_value):
        if share < EXPLAINED_SHARE:
            verdict, words = "partly explained", f"claim status explains {percent(share)} of this, and {left}"
        else:
            verdict, words = "explained", f"this difference is explained by claim status ({_claim_shares(moments)}; {left})"
    elif adjusted.difference * overall.difference < 0:
        verdict, words = "reversed", f"the direction turns within claim status: {left}"
    elif share < 1 - EXPLAINED_SHARE:
        verdict, words = "not explained", f"claim status does not explain this: {left}"
    else:
        verdict, words = "partly explained", f"claim status explains {percent(share)} of this, but {left}"
    return Explanation(verdict, share, f"{lead}, but {words}." if verdict != "not explained" else f"{lead}; {words}.")


def rank_metrics(data: list[MetricData]) -> list[RankedMetric]:
    """Rank the metrics by how strongly the groups differ, in all videos and within each class.

    Args:
        data: Moments and rank counts of each candidate metric.

    Returns:
        One row per stratum and metric, strata first, largest |d| first; Holm's correction runs over the metrics of a
        stratum.
    """
    return [row for stratum in STRATA for row in _rank_stratum(data, stratum)]


def metric_results(data: MetricData, adjusted: dict[str, float | None], sample: pd.DataFrame) -> list[Result]:
    """All tests of one metric, by stratum, with what claim status explains at the front.

    Args:
        data: Its moments and rank counts.
        adjusted: Stratum to Welch's p-value after Holm's correction.
        sample: At most `resampling.SAMPLE_ROWS` rows with is_verified, claim_status, is_claim and the metric.

    Returns:
        The headline first, then the decomposition, then the tests per stratum.
    """
    results = [_headline(data), *_decomposition_results(data), _regression_adjusted(data, sample)]
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
    base = _base(data, stratum, GROUP_CONTRAST, f"Welch t-test ({ROWS_IN_SQL})")
    try:
        test = hypothesis_tests.welch_test(first, second)
    except NotTestableError as error:
        return base._replace(sentence=_cannot(data, stratum, error), observation_count=first.count + second.count)
    return _with_mean_test(base, test)._replace(
        adjusted_p_value=adjusted_p_value, sentence=_test_sentence(data.metric, stratum, test)
    )


def _rank_stratum(data: list[MetricData], stratum: str) -> list[RankedMetric]:
    p_values = [_attempt(lambda *pair: hypothesis_tests.welch_test(*pair).p_value, *_pair(item, stratum)) for item in data]
    adjusted = dict(zip((item.metric for item in data), hypothesis_tests.holm(p_values), strict=True))
    effects = {item.metric: _attempt(hypothesis_tests.cohens_d, *_pair(item, stratum)) for item in data}
    by_effect = sorted(
        zip(data, p_values, strict=True),
        key=lambda entry: -abs(effect.estimate) if (effect := effects[entry[0].metric]) is not None else 1.0,
    )
    return [
        _ranked(item, stratum, rank, effects[item.metric], p_value, adjusted[item.metric])
        for rank, (item, p_value) in enumerate(by_effect, start=1)
    ]


def _ranked(
    data: MetricData, stratum: str, rank: int, effect: Interval | None, p_value: float | None, adjusted: float | None
) -> RankedMetric:
    first, second = _pair(data, stratum)
    delta = _attempt(rank_tests.cliffs_delta, data.ranks[stratum])
    if effect is None or adjusted is None:
        sentence = f"{capitalise(noun(data.metric))} cannot be compared among {STRATUM_WORDS[stratum]}."
    else:
        found = "differ" if is_significant(adjusted) else "show no difference"
        sentence = (
            f"Among {STRATUM_WORDS[stratum]}, {noun(data.metric)} rank {rank} by effect: the groups {found} "
            f"(d = {effect.estimate:.3f}, {interval_text(effect.lower_bound, effect.upper_bound)}, "
            f"{p_text(adjusted)} after Holm's correction)."
        )
    return RankedMetric(
        stratum,
        data.metric,
        rank,
        first.mean,
        second.mean,
        first.mean - second.mean,
        *(effect or (None, None, None)),
        *(delta or (None, None, None)),
        p_value,
        adjusted,
        explain(data.metric, data.moments).composition_share if stratum == ALL else None,
        first.count + second.count,
        sentence,
    )


def _headline(data: MetricData) -> Result:
    explanation = explain(data.metric, data.moments)
    first, second = _pair(data, ALL)
    return _base(data, ALL, "explained by claim status", "Kitagawa decomposition, averaged weights")._replace(
        estimate=explanation.composition_share,
        estimate_unit="share of the difference",
        observation_count=first.count + second.count,
        assumption_status=explanation.verdict,
        sentence=explanation.sentence,
    )


def _decomposition_results(data: MetricData) -> list[Result]:
    pairs = strata_pairs(data.moments)
    first, second = _pair(data, ALL)
    count = first.count + second.count
    results = []
    for reference, words in (
        ("average", "averaged weights"),
        ("first", "means of the not verified as reference"),
        ("second", "means of the verified as reference"),
    ):
        method = f"Kitagawa decomposition, {words}"
        try:
            split = decomposition.kitagawa(pairs, reference)
        except NotTestableError as error:
            results.append(_base(data, ALL, "composition", method)._replace(sentence=_cannot(data, ALL, error)))
            continue
        for term, value, cause in (
            ("composition", split.composition, "because the groups post claims in other shares"),
            ("within classes", split.within, "because the groups differ inside claims and opinions"),
        ):
            results.append(
                _base(data, ALL, term, method)._replace(
                    estimate=value,
                    estimate_unit=noun(data.metric),
                    observation_count=count,
                    sentence=f"Of the difference of {amount(split.difference)} {noun(data.metric)}, {amount(value)} arise {cause}.",
                )
            )
    return [*results, _standardised_result(data, pairs)]


def _standardised_result(data: MetricData, pairs: dict[str, decomposition.Pair]) -> Result:
    base = _base(data, ALL, GROUP_CONTRAST, "direct standardisation to the pooled shares of claims and opinions")
    try:
        adjusted = decomposition.standardised_difference(pairs)
    except NotTestableError as error:
        return base._replace(sentence=_cannot(data, ALL, error))
    found = "a difference is left" if is_significant(adjusted.p_value) else "no difference is found"
    return base._replace(
        estimate=adjusted.difference,
        estimate_unit=noun(data.metric),
        lower_bound=adjusted.lower_bound,
        upper_bound=adjusted.upper_bound,
        statistic_name="z",
        statistic=adjusted.statistic,
        p_value=adjusted.p_value,
        observation_count=adjusted.observation_count,
        assumption_status="large groups; the shares of claims and opinions are taken as fixed",
        sentence=(
            f"If both groups posted claims in the same share, {found}: {_difference_words(data.metric, adjusted)} "
            f"for accounts that are not verified ({p_text(adjusted.p_value)})."
        ),
    )


def _regression_adjusted(data: MetricData, sample: pd.DataFrame) -> Result:
    method = "OLS with a claim term, HC3 errors: weighs the classes by precision, another estimand than standardisation"
    base = _base(data, ALL, "verified - not verified", method)._replace(observation_count=len(sample))
    design = sm.add_constant(sample[["is_verified", "is_claim"]].astype(float), has_constant="add")
    if len(sample) <= 3 or design["is_verified"].nunique() < 2 or design["is_claim"].nunique() < 2:
        return base._replace(sentence="The regression needs both groups, both classes and more than three videos.")
    # HC3 divides by 1 - leverage, which is zero for a row alone in its cell.
    if design.groupby(["is_verified", "is_claim"]).size().min() < 2 or sample[data.metric].nunique() < 2:
        return base._replace(sentence="The regression needs two videos in each group of each class, and variation.")
    fit = sm.OLS(sample[data.metric].astype(float), design).fit(cov_type="HC3")
    lower, upper = fit.conf_int().loc["is_verified"]
    estimate, p_value = float(fit.params["is_verified"]), float(fit.pvalues["is_verified"])
    found = "a difference is left" if is_significant(p_value) else "no difference is found"
    return base._replace(
        estimate=estimate,
        estimate_unit=noun(data.metric),
        lower_bound=float(lower),
        upper_bound=float(upper),
        statistic_name="z",
        statistic=float(fit.tvalues["is_verified"]),
        p_value=p_value,
        sentence=(
            f"With claim status held fixed in a linear regression, {found}: {amount(estimate)} {noun(data.metric)} for "
            f"verified accounts ({interval_text(float(lower), float(upper))}, {p_text(p_value)})."
        ),
    )


def _mean_results(data: MetricData, stratum: str) -> list[Result]:
    pair = _pair(data, stratum)
    where = STRATUM_WORDS[stratum]
    student = _base(data, stratum, GROUP_CONTRAST, f"Student t-test ({ROWS_IN_SQL})")
    effect = _base(data, stratum, "Cohen's d", "pooled standard deviation, noncentral t interval")
    margin = f"margin {EQUIVALENCE_MARGIN:g} standard deviations"
    equivalence = _base(data, stratum, "equivalence", f"two one-sided Welch tests (TOST), {margin}")
    try:
        mean_test = hypothesis_tests.student_test(*pair)
        distance = hypothesis_tests.cohens_d(*pair)
        same = hypothesis_tests.equivalence_test(*pair)
    except NotTestableError as error:
        return [base._replace(sentence=_cannot(data, stratum, error)) for base in (student, effect, equivalence)]
    negligible = (
        f"Among {where} the groups' mean {noun(data.metric)} are equivalent within {amount(same.margin)}"
        if is_significant(same.p_value)
        else f"Among {where} the data do not show that the groups' mean {noun(data.metric)} are equivalent within {amount(same.margin)}"
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
    method = "exact ranks of all rows, computed in SQL; normal approximation with tie correction"
    base = _base(data, stratum, GROUP_CONTRAST, f"Mann-Whitney U ({method})")
    dominance = _base(data, stratum, "Cliff's delta", "exact ranks of all rows, computed in SQL; interval after Cliff")
    try:
        test = rank_tests.mann_whitney(counts)
        delta = rank_tests.cliffs_delta(counts)
    except NotTestableError as error:
        return [row._replace(sentence=_cannot(data, stratum, error)) for row in (base, dominance)]
    found = "differs" if is_significant(test.p_value) else "is not found to differ"
    return [
        base._replace(
            statistic_name="U",
            statistic=test.statistic,
            p_value=test.p_value,
            observation_count=test.observation_count,
            sentence=f"Among {where} the rank order of {noun(data.metric)} {found} between the groups ({p_text(test.p_value)}).",
        ),
        dominance._replace(
            estimate=delta.estimate,
            estimate_unit="difference of probabilities",
            lower_bound=delta.lower_bound,
            upper_bound=delta.upper_bound,
            observation_count=test.observation_count,
            sentence=(
                f"Of two random {where}, one of each group, the one of the not verified account has more {noun(data.metric)} "
                f"with a probability that is {delta.estimate * 100:.1f} points above the reverse "
                f"({interval_text(delta.lower_bound * 100, delta.upper_bound * 100)})."
            ),
        ),
    ]


def _resampling_results(data: MetricData, stratum: str, sample: pd.DataFrame) -> list[Result]:
    values = sample[data.metric].to_numpy(float)
    is_verified = sample["is_verified"].to_numpy(bool)
    first, second = values[~is_verified], values[is_verified]
    where = STRATUM_WORDS[stratum]
    drawn = f"{resampling.DRAWS:,} draws, seed {resampling.SEED}, at most {resampling.SAMPLE_ROWS:,} rows by key hash"
    permutation = _base(data, stratum, GROUP_CONTRAST, f"permutation test ({drawn})")._replace(observation_count=len(values))
    bootstrap = _base(data, stratum, GROUP_CONTRAST, f"percentile bootstrap ({drawn})")._replace(observation_count=len(values))
    try:
        p_value = resampling.permutation_p_value(first, second)
        interval = resampling.bootstrap_difference(first, second)
    except NotTestableError as error:
        return [row._replace(sentence=_cannot(data, stratum, error)) for row in (permutation, bootstrap)]
    found = "differ" if is_significant(p_value) else "are not found to differ"
    return [
        permutation._replace(
            estimate=interval.estimate,
            estimate_unit=noun(data.metric),
            p_value=p_value,
            sentence=f"Without any assumption on the distribution, mean {noun(data.metric)} among {where} {found} ({p_text(p_value)}).",
        ),
        bootstrap._replace(
            estimate=interval.estimate,
            estimate_unit=noun(data.metric),
            lower_bound=interval.lower_bound,
            upper_bound=interval.upper_bound,
            sentence=(
                f"Redrawing the {where} puts the difference in mean {noun(data.metric)} at {amount(interval.estimate)} "
                f"({interval_text(interval.lower_bound, interval.upper_bound)})."
            ),
        ),
    ]


def _power_results(data: MetricData, stratum: str) -> list[Result]:
    first, second = _pair(data, stratum)
    where = STRATUM_WORDS[stratum]
    power_row = _base(data, stratum, f"power at d = {EQUIVALENCE_MARGIN:g}", "two-sided t-test, 5 % level")
    effect_row = _base(data, stratum, "smallest detectable effect", "two-sided t-test, 5 % level, 80 % power")
    try:
        power = hypothesis_tests.power_analysis(first.count, second.count)
    except NotTestableError as error:
        return [row._replace(sentence=_cannot(data, stratum, error)) for row in (power_row, effect_row)]
    count = first.count + second.count
    return [
        power_row._replace(
            estimate=power.power,
            estimate_unit="share",
            observation_count=count,
            sentence=f"With these {where} a difference of {EQUIVALENCE_MARGIN:g} standard deviations is found with {percent(power.power)} probability.",
        ),
        effect_row._replace(
            estimate=power.detectable_effect,
            estimate_unit="standard deviations",
            observation_count=count,
            sentence=f"With these {where} a difference below {power.detectable_effect:.3f} standard deviations would probably be missed.",
        ),
    ]


def _base(data: MetricData, stratum: str, term: str, method: str) -> Result:
    return Result(HYPOTHESIS_TEST, data.metric, stratum, term, method, "")


def _pair(data: MetricData, stratum: str) -> tuple[Moments, Moments]:
    return data.moments[stratum][False], data.moments[stratum][True]


def _attempt(function: Callable[..., Returned], *arguments: Any) -> Returned | None:
    try:
        return function(*arguments)
    except NotTestableError:
        return None


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


def _cannot(data: MetricData, stratum: str, error: NotTestableError) -> str:
    return f"Not testable for {noun(data.metric)} among {STRATUM_WORDS[stratum]}: {error}."


def _difference_words(metric: str, test: MeanTest | decomposition.AdjustedDifference) -> str:
    direction = "more" if test.difference > 0 else "fewer"
    return f"{amount(abs(test.difference))} {direction} {noun(metric)} ({interval_text(test.lower_bound, test.upper_bound)})"


def _test_sentence(metric: str, stratum: str, test: MeanTest) -> str:
    where = STRATUM_WORDS[stratum]
    words = _difference_words(metric, test)
    if is_significant(test.p_value):
        return f"Among {where}, those of accounts that are not verified have on average {words}, {p_text(test.p_value)}."
    return f"Among {where}, no difference in mean {noun(metric)} was found: {words} for accounts that are not verified, {p_text(test.p_value)}."


def _claim_shares(moments: GroupMoments) -> str:
    shares = {
        verified: moments["claim"][verified].count / moments[ALL][verified].count for verified in (False, True)
    }
    return f"{percent(shares[True])} of the videos of verified accounts are claims, against {percent(shares[False])} of the others"


def _size_word(effect: float) -> str:
    size = abs(effect)
    names = ((0.2, "negligible"), (0.5, "small"), (0.8, "medium"))
    return next((name for limit, name in names if size < limit), "large")
