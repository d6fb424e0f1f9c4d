"""Are the unlabelled videos a random draw? Compares their profile with that of claims and of opinions.

Pure: counts per verified and author status in, rows of the result table out.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, stats

from ml.questions.results import Result
from ml.statistics.t_tests import CONFIDENCE, Interval
from wording import codes

METRIC = "claim_status"


class ProfileTest(NamedTuple):
    """Chi-squared test that two groups have the same profile."""

    statistic: float
    degrees_of_freedom: int
    p_value: float


def same_profile(first: np.ndarray, second: np.ndarray) -> ProfileTest | None:
    """Test whether two groups spread alike over the cells.

    Args:
        first: Rows of one group; shape (cells,).
        second: Rows of the other; shape (cells,).

    Returns:
        Pearson's chi-squared test of homogeneity; None where a group is empty or only one cell is filled.
    """
    table = np.vstack([first, second])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or table.sum(axis=1).min() == 0:
        return None
    outcome = stats.chi2_contingency(table, correction=False)
    return ProfileTest(float(outcome.statistic), int(outcome.dof), float(outcome.pvalue))


def claim_share(unlabelled: np.ndarray, claims: np.ndarray, opinions: np.ndarray) -> Interval | None:
    """Share of claims among unlabelled rows, if they are a mixture of claims' and opinions' profiles.

    Args:
        unlabelled: Unlabelled rows; shape (cells,), as are the next two.
        claims: Claims.
        opinions: Opinions.

    Returns:
        Maximum-likelihood share with its profile-likelihood interval, the classes' profiles taken as known; None
        where a group is empty or the profiles are equal.
    """
    if min(unlabelled.sum(), claims.sum(), opinions.sum()) == 0:
        return None
    # Half a row more per cell, so that a cell which one class never fills does not rule the other out by itself.
    claim_profile, opinion_profile = ((counts + 0.5) / (counts + 0.5).sum() for counts in (claims, opinions))
    if np.allclose(claim_profile, opinion_profile, rtol=0, atol=1e-12):
        return None

    def loss(share: float) -> float:
        return -float(unlabelled @ np.log(share * claim_profile + (1 - share) * opinion_profile))

    # The loss is convex in the share, so the best one is at an end or between.
    inner = float(optimize.minimize_scalar(loss, bounds=(0, 1), method="bounded", options={"xatol": 1e-10}).x)
    best = min((0.0, 1.0, inner), key=loss)
    limit = loss(best) + float(stats.chi2.ppf(CONFIDENCE, 1)) / 2
    lower = float(optimize.brentq(lambda share: loss(share) - limit, 0, best)) if loss(0) > limit else 0.0
    upper = float(optimize.brentq(lambda share: loss(share) - limit, best, 1)) if loss(1) > limit else 1.0
    return Interval(best, lower, upper)


def missingness_results(cells: pd.DataFrame) -> list[Result]:
    """Rows of the result table.

    Args:
        cells: agg_missingness, ordered by its key.

    Returns:
        One row per comparison and one for the share of claims.
    """
    counts = {name: cells[f"{name}_count"].to_numpy(float) for name in ("unlabelled", "labelled", "claim", "opinion")}
    missing = int(counts["unlabelled"].sum())
    if missing == 0:
        return [_base("unlabelled videos", "count").counted(missing).refused("nothing_unlabelled")]
    results = []
    for group, words in (("labelled", "labelled videos"), ("opinion", "opinions"), ("claim", "claims")):
        test = same_profile(counts["unlabelled"], counts[group])
        row = _base(f"{codes.SAME_PROFILE} {words}", "Pearson chi-squared test of homogeneity").counted(
            missing + int(counts[group].sum())
        )
        if test is None:
            results.append(row.refused("too_few_cells"))
            continue
        results.append(row.with_test("chi-squared", test.statistic, test.p_value, float(test.degrees_of_freedom)))
    share = claim_share(counts["unlabelled"], counts["claim"], counts["opinion"])
    row = _base(codes.CLAIM_SHARE, "mixture of the classes' profiles, profile likelihood").counted(missing)
    if share is None:
        return [*results, row.refused("profiles_equal")]
    return [
        *results,
        row.with_estimate(share.estimate, "share", (share.lower_bound, share.upper_bound)).assuming(
            "profiles_as_labelled"
        ),
    ]


def _base(term: str, method: str) -> Result:
    return Result(codes.MISSINGNESS, METRIC, codes.UNLABELLED, term, method)
