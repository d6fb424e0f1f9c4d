"""Orders in which open cases can be reviewed, and which of them is in force: the simplest that no other one beats.

What is compared is the share of claim views *still to come* that a capacity gets ahead of: the cost of a delay lies in
the views that follow it, not in those that have been.
"""

import csv
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ml.statistics.multiplicity import holm
from ml.statistics.t_tests import SIGNIFICANCE
from warehouse.settings import DBT_PROJECT

SEED_FILE = DBT_PROJECT / "seeds" / "review_policies.csv"
CAPACITIES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
DECISIVE_CAPACITY = 0.05
"""Where every policy is beaten somewhere, the best at this capacity is in force."""
FEWEST_VIDEOS = 200
"""With fewer labelled held-out videos nothing is compared: cases are reviewed in the order of their arrival."""
OLDEST_EVERY = 10
"""One place in so many is kept for the oldest case, so that nobody waits for ever."""
DRAWS = 500
SEED = 0

Values = NDArray[np.float64]
INPUTS = ("claim_probability", "reach", "report_count", "weighted_report", "waiting", "report_age")


class Policy(NamedTuple):
    """A row of the seed `review_policies`."""

    number: int
    name: str
    powers: Mapping[str, float]
    """The power of each of `INPUTS`."""
    is_oracle: bool


class Comparison(NamedTuple):
    """Two policies at one capacity, first minus second."""

    first: str
    second: str
    capacity_share: float
    difference: float
    lower_bound: float
    upper_bound: float
    p_value: float | None
    """After Holm, over all pairs and capacities; None where the two cover the same in every draw."""


class Choice(NamedTuple):
    """The policy in force and why."""

    policy: str
    reason: str
    """`unbeaten`, `best_at_decisive_capacity`, `too_few_labels` or `chosen_by_hand`."""


def read_policies() -> list[Policy]:
    """The policies, simplest first."""
    with SEED_FILE.open(encoding="utf-8", newline="") as file:
        return [
            Policy(
                number=int(row["policy_number"]),
                name=row["policy"],
                powers={name: float(row[f"{name}_power"]) for name in INPUTS},
                is_oracle=row["is_oracle"] == "true",
            )
            for row in csv.DictReader(file)
        ]


def score(policy: Policy, inputs: Mapping[str, Values]) -> Values:
    """How early a policy wants each case; the highest stands first.

    Args:
        policy: Its powers.
        inputs: For each of `INPUTS` with a power, the cases' values, shape (n,). Counts of reports are one more than
            what was counted, so that a case without reports keeps the score that the rest gives it. The oracle reads
            `views_to_come` of claims instead.

    Returns:
        Scores, shape (n,).
    """
    if policy.is_oracle:
        return inputs["views_to_come"]
    result: Values | None = None
    for name, power in policy.powers.items():
        if power:
            factor = inputs[name] if power == 1 else inputs[name] ** power
            result = factor if result is None else result * factor
    assert result is not None, f"the policy {policy.name} looks at nothing"  # noqa: S101 - the seed's own law
    return result


def coverage(
    scores: Values, views_to_come: Values, weights: Values, capacities: Sequence[float] = CAPACITIES
) -> Values:
    """Share of the claim views still to come that each capacity gets ahead of.

    Args:
        scores: Of one policy, shape (n,); ties keep the order of the rows.
        views_to_come: Later views of claims, 0 for opinions, shape (n,).
        weights: How often each video is drawn, shape (draws, n).
        capacities: Shares of the drawn videos that can be reviewed.

    Returns:
        Shares, shape (draws, capacities); NaN where a draw holds no claim.
    """
    order = np.argsort(-scores, kind="stable")
    drawn = np.pad(weights[:, order], ((0, 0), (1, 0)))
    reviewed = np.cumsum(drawn, axis=1)
    ahead = np.cumsum(drawn * np.pad(views_to_come[order], (1, 0)), axis=1)
    covered = [
        np.interp(np.asarray(capacities) * upto[-1], upto, views) for upto, views in zip(reviewed, ahead, strict=True)
    ]
    with np.errstate(invalid="ignore"):
        return np.asarray(covered / ahead[:, -1:])


def compare(shares: Mapping[str, Values], capacities: Sequence[float] = CAPACITIES) -> list[Comparison]:
    """Every pair of the given policies at every capacity, by a paired bootstrap over videos.

    Args:
        shares: For each policy its coverage, shape (1 + draws, capacities): first of the videos as they are, then of
            draws that all policies share.
        capacities: What the columns stand for.

    Returns:
        Differences with normal 95 % intervals from the bootstrap's standard error, p-values corrected together.
    """
    found: list[Comparison] = []
    for first, second in combinations(shares, 2):
        for column, capacity in enumerate(capacities):
            differences = shares[first][:, column] - shares[second][:, column]
            estimate, error = float(differences[0]), float(np.nanstd(differences[1:], ddof=1))
            margin = float(stats.norm.ppf(1 - SIGNIFICANCE / 2)) * error
            p_value = float(2 * stats.norm.sf(abs(estimate) / error)) if error > 0 else None
            found.append(
                Comparison(
                    first=first,
                    second=second,
                    capacity_share=capacity,
                    difference=estimate,
                    lower_bound=estimate - margin,
                    upper_bound=estimate + margin,
                    p_value=p_value,
                )
            )
    corrected = holm([comparison.p_value for comparison in found])
    return [comparison._replace(p_value=value) for comparison, value in zip(found, corrected, strict=True)]


def choose(policies: Sequence[Policy], comparisons: Sequence[Comparison], shares: Mapping[str, Values]) -> Choice:
    """The simplest policy that no other one beats at any capacity; the oracle competes with nobody.

    Args:
        policies: Simplest first.
        comparisons: Of all pairs without the oracle.
        shares: As for `compare`; decides where each policy is beaten somewhere.

    Returns:
        The policy in force.
    """
    candidates = [policy.name for policy in policies if not policy.is_oracle]
    beaten = {
        comparison.second if comparison.difference > 0 else comparison.first
        for comparison in comparisons
        if comparison.p_value is not None and comparison.p_value < SIGNIFICANCE
    }
    for name in candidates:
        if name not in beaten:
            return Choice(name, "unbeaten")
    column = CAPACITIES.index(DECISIVE_CAPACITY)
    return Choice(max(candidates, key=lambda name: shares[name][0, column]), "best_at_decisive_capacity")


def bootstrap_weights(video_count: int, draws: int = DRAWS) -> Values:
    """How often each video is drawn, shape (1 + draws, videos); the first row is the sample itself."""
    generator = np.random.default_rng(SEED)
    drawn = generator.multinomial(video_count, np.full(video_count, 1 / video_count), size=draws)
    return np.vstack([np.ones(video_count), drawn.astype(np.float64)])


def judge(
    policies: Sequence[Policy], inputs: Mapping[str, Values], is_claim: Values, views_to_come: Values
) -> tuple[Choice, Mapping[str, Values], list[Comparison]]:
    """Compare all policies on held-out videos as they looked when they were young.

    Args:
        policies: Simplest first.
        inputs: What was known about each video at that age, shape (n,) each; see `score`.
        is_claim: 1 for claims, shape (n,).
        views_to_come: Views after that age, shape (n,).

    Returns:
        The choice, each policy's coverage (see `compare`), and the comparisons; below `FEWEST_VIDEOS` videos, or
        without a claim whose views are still to come, the last two are empty and cases are reviewed as they arrive.
    """
    claim_views = views_to_come * is_claim
    if len(is_claim) < FEWEST_VIDEOS or not claim_views.any():
        return Choice("arrival", "too_few_labels"), {}, []
    weights = bootstrap_weights(len(is_claim))
    known: dict[str, Any] = {**inputs, "views_to_come": claim_views}
    shares = {policy.name: coverage(score(policy, known), claim_views, weights) for policy in policies}
    # What perfect foresight would win says nothing about which of the others to take.
    comparisons = compare({policy.name: shares[policy.name] for policy in policies if not policy.is_oracle})
    return choose(policies, comparisons, shares), shares, comparisons
