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
        sample: A bounded sample with is_verified, label and the metric, for the shape of the distributions.

    Returns:
        The checks of the t-tests.
    """
    checks = []
    for stratum in STRATA:
        rows = sample if stratum == ALL else sample[sample["label"] == stratum]
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
        check_name=codes.INDEPENDENCE,
        term="videos",
        status=verdict(repeated / transcript_count < SIGNIFICANCE),
        statistic_name="share of repeated transcripts",
        statistic=repeated / transcript_count,
        threshold=SIGNIFICANCE,
        observation_count=transcript_count,
    )


def _normality(term: str, values: np.ndarray) -> Check:
    found = shape(values)
    if found is None:
        return not_applicable(codes.NORMALITY, term, codes.FEW_OR_CONSTANT, minimum=MIN_NORMALITY_ROWS)
    return Check(
        check_name=codes.NORMALITY,
        term=term,
        status=verdict(found.p_value >= SIGNIFICANCE),
        statistic_name="skewness",
        statistic=found.skewness,
        p_value=found.p_value,
        observation_count=len(values),
        details={"excess_kurtosis": found.excess_kurtosis},
    )


def _variances(term: str, groups: dict[bool, Moments]) -> Check:
    ratio = variance_ratio(groups)
    if ratio is None:
        return not_applicable(codes.EQUAL_VARIANCES, term, codes.VARIANCE_UNKNOWN)
    return Check(
        check_name=codes.EQUAL_VARIANCES,
        term=term,
        status=verdict(ratio <= MAX_VARIANCE_RATIO),
        statistic_name="variance ratio",
        statistic=ratio,
        threshold=MAX_VARIANCE_RATIO,
        observation_count=groups[False].row_count + groups[True].row_count,
    )


def _size(term: str, groups: dict[bool, Moments]) -> Check:
    smaller = min(groups[False].row_count, groups[True].row_count)
    return Check(
        check_name=codes.SAMPLE_SIZE,
        term=term,
        status=verdict(smaller >= MIN_GROUP_ROWS),
        statistic_name="rows of the smaller group",
        statistic=float(smaller),
        threshold=float(MIN_GROUP_ROWS),
        observation_count=groups[False].row_count + groups[True].row_count,
    )
