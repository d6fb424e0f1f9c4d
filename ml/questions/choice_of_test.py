"""Which test fits these data? Checks what the two-sample tests assume and explains the choice from the numbers."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from ml.questions.results import Result
from ml.questions.sufficient_statistics import ALL, STRATA, GroupMoments
from ml.statistics.assumptions import Check, not_applicable, verdict
from ml.statistics.moments import Moments
from ml.statistics.t_tests import SIGNIFICANCE
from wording import codes

MAX_VARIANCE_RATIO = 2.0
"""Above it Student's test is off where group sizes differ; Welch's is not."""
MIN_GROUP_ROWS = 30
"""From here on means are near normal unless the data are very skewed."""
MIN_NORMALITY_ROWS = 20
GROUP_WORDS = {False: "not verified", True: "verified"}


class Shape(NamedTuple):
    """Departure of one group from normality."""

    skewness: float
    excess_kurtosis: float
    p_value: float
    """D'Agostino and Pearson's test."""


def shape(values: np.ndarray) -> Shape | None:
    """Skewness, excess kurtosis and normality test; None below twenty values or without variation."""
    if len(values) < MIN_NORMALITY_ROWS or np.ptp(values) == 0:
        return None
    p_value = float(stats.normaltest(values).pvalue)
    return Shape(float(stats.skew(values)), float(stats.kurtosis(values)), p_value)


def variance_ratio(groups: dict[bool, Moments]) -> float | None:
    """Larger over smaller variance of the two groups; None where one is unknown or zero."""
    variances = sorted(groups[verified].variance for verified in (False, True))
    return variances[1] / variances[0] if variances[0] > 0 and np.isfinite(variances[1]) else None


def mean_checks(metric: str, moments: GroupMoments, sample: pd.DataFrame) -> list[Check]:
    """Normality within groups, equal variances and sample size, by stratum.

    Args:
        metric: The variable under test.
        moments: Its moments by stratum and group.
        sample: A bounded sample with is_verified, claim_status and the metric, for the shape of the distributions.

    Returns:
        The checks of the t-tests.
    """
    checks = []
    for stratum in STRATA:
        rows = sample if stratum == ALL else sample[sample["claim_status"] == stratum]
        groups = moments[stratum]
        for verified in (False, True):
            values = rows.loc[rows["is_verified"] == verified, metric].to_numpy(float)
            checks.append(_normality(f"{metric}, {stratum}, {GROUP_WORDS[verified]}", values))
        checks += [_variances(f"{metric}, {stratum}", groups), _size(f"{metric}, {stratum}", groups)]
    return checks


def choice(metric: str, moments: GroupMoments) -> Result:
    """Why Welch's t-test stands first, in the numbers of this data set."""
    groups = moments[ALL]
    smaller = min(groups[False].row_count, groups[True].row_count)
    return Result(
        codes.HYPOTHESIS_TEST,
        metric,
        ALL,
        codes.CHOICE_OF_TEST,
        "variance ratio and size of the smaller group",
        estimate=variance_ratio(groups),
        estimate_unit="variance ratio",
        observation_count=groups[False].row_count + groups[True].row_count,
        verdict=codes.ENOUGH_ROWS if smaller >= MIN_GROUP_ROWS else codes.TOO_FEW_ROWS,
    )


def independence_check(transcript_count: int, distinct_transcript_count: int) -> Check:
    """Are the videos independent? Repeated transcripts are counted; authors cannot be."""
    repeated = transcript_count - distinct_transcript_count
    if transcript_count == 0:
        return not_applicable(codes.INDEPENDENCE, "videos", codes.NO_TRANSCRIPT)
    return Check(
        codes.INDEPENDENCE, "videos", verdict(repeated / transcript_count < SIGNIFICANCE),
        "share of repeated transcripts", repeated / transcript_count, SIGNIFICANCE, None, transcript_count,
    )  # fmt: skip


def _normality(term: str, values: np.ndarray) -> Check:
    found = shape(values)
    if found is None:
        return not_applicable(codes.NORMALITY, term, codes.FEW_OR_CONSTANT, minimum=MIN_NORMALITY_ROWS)
    return Check(
        codes.NORMALITY, term, verdict(found.p_value >= SIGNIFICANCE),
        "skewness", found.skewness, None, found.p_value, len(values),
        details={"excess_kurtosis": found.excess_kurtosis},
    )  # fmt: skip


def _variances(term: str, groups: dict[bool, Moments]) -> Check:
    ratio = variance_ratio(groups)
    if ratio is None:
        return not_applicable(codes.EQUAL_VARIANCES, term, codes.VARIANCE_UNKNOWN)
    return Check(
        codes.EQUAL_VARIANCES, term, verdict(ratio <= MAX_VARIANCE_RATIO),
        "variance ratio", ratio, MAX_VARIANCE_RATIO, None, groups[False].row_count + groups[True].row_count,
    )  # fmt: skip


def _size(term: str, groups: dict[bool, Moments]) -> Check:
    smaller = min(groups[False].row_count, groups[True].row_count)
    return Check(
        codes.SAMPLE_SIZE, term, verdict(smaller >= MIN_GROUP_ROWS),
        "rows of the smaller group", float(smaller), float(MIN_GROUP_ROWS), None,
        groups[False].row_count + groups[True].row_count,
    )  # fmt: skip
