"""Policies: the formula, what a capacity covers, and which of them is in force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from ml.backlog.policies import CAPACITIES, INPUTS, bootstrap_weights, coverage, judge, read_policies, score

POLICIES = read_policies()
BY_NAME = {policy.name: policy for policy in POLICIES}


def inputs_of(n: int, seed: int = 0, **columns) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    return {**{name: generator.uniform(1, 2, n) for name in INPUTS}, **columns}


def test_simplest_first_and_one_oracle() -> None:
    assert [policy.number for policy in POLICIES] == list(range(1, len(POLICIES) + 1))
    assert [policy.name for policy in POLICIES if policy.is_oracle] == ["oracle"]


def test_a_score_is_the_product_of_what_the_policy_looks_at() -> None:
    inputs = inputs_of(5)
    expected = inputs["claim_probability"] * inputs["reach"] * inputs["weighted_report"]
    assert score(BY_NAME["probability_times_reach_times_reports"], inputs) == pytest.approx(expected)
    assert score(BY_NAME["arrival"], inputs) == pytest.approx(inputs["waiting"])


@given(some.floats(0, 1), some.floats(0, 1), some.floats(0, 1e6), some.floats(1, 100), some.floats(0, 1e4))
def test_of_two_cases_equal_in_reach_and_reports_the_likelier_claim_stands_first(
    first: float, second: float, reach: float, weight: float, waiting: float
) -> None:
    """Age never enters a policy that uses the probability, however long the other one has waited."""
    inputs = {
        "claim_probability": np.array([first, second]),
        "reach": np.array([reach, reach]),
        "report_count": np.array([weight, weight]),
        "weighted_report": np.array([weight, weight]),
        "waiting": np.array([0.0, waiting]),
        "report_age": np.array([0.0, waiting]),
    }
    for policy in POLICIES:
        if policy.powers["claim_probability"]:
            scores = score(policy, inputs)
            assert (scores[0] - scores[1]) * (first - second) >= 0


def test_coverage_worked_out_by_hand() -> None:
    later = np.array([0.0, 10, 30, 60])
    shares = coverage(np.array([4.0, 3, 2, 1]), later, np.ones((1, 4)), (0.25, 0.5, 0.75, 1))
    assert shares.tolist() == [[0, 0.1, 0.4, 1]]
    twice = coverage(np.array([4.0, 3, 2, 1]), later, np.array([[1.0, 3, 0, 0]]), (0.25, 0.5))
    assert twice.tolist() == [[0, pytest.approx(1 / 3)]], "one of the three copies of the second is reached"


def test_the_sample_itself_is_the_first_draw_and_draws_repeat() -> None:
    weights = bootstrap_weights(50, draws=3)
    assert weights[0].tolist() == [1] * 50
    assert weights.sum(axis=1).tolist() == [50] * 4
    assert (weights == bootstrap_weights(50, draws=3)).all()


def test_a_policy_that_sees_the_claims_beats_the_simpler_ones() -> None:
    n = 1_000
    generator = np.random.default_rng(1)
    is_claim = (generator.uniform(size=n) < 0.5).astype(float)
    views = generator.lognormal(8, 1, n)
    sharp = np.where(is_claim == 1, 0.99, 0.01)
    choice, shares, comparisons = judge(POLICIES, inputs_of(n, claim_probability=sharp, reach=views), is_claim, views)
    assert choice == ("probability_times_reach", "unbeaten")
    assert (shares["oracle"][0] >= shares["probability_times_reach"][0] - 1e-12).all()
    assert len(comparisons) == 28 * len(CAPACITIES)
    assert all("oracle" not in (found.first, found.second) for found in comparisons)


def test_where_nothing_tells_claims_apart_the_simplest_is_in_force() -> None:
    n = 500
    generator = np.random.default_rng(2)
    is_claim = (generator.uniform(size=n) < 0.5).astype(float)
    choice, _, _ = judge(POLICIES, inputs_of(n, seed=3), is_claim, np.ones(n))
    assert choice == ("arrival", "unbeaten")


def test_too_few_labels_means_the_order_of_arrival() -> None:
    choice, shares, comparisons = judge(POLICIES, inputs_of(199), np.ones(199), np.ones(199))
    assert choice == ("arrival", "too_few_labels")
    assert not shares
    assert not comparisons
