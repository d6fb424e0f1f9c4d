"""The simulation against closed forms: Erlang C, Little's law, and cases small enough to work out by hand."""

import math

import numpy as np
import pytest
from scipy import stats

from ml.backlog.policies import read_policies
from ml.backlog.simulation import Cases, Team, grown, measure, simulate

POLICIES = {policy.name: policy for policy in read_policies()}
GROWTH = 48.0


def cases_of(opened_at, service_hours, **columns) -> Cases:
    n = len(opened_at)
    given = {
        "is_claim": np.ones(n, dtype=bool),
        "claim_probability": np.full(n, 0.5),
        "final_views": np.full(n, 1000.0),
        "age_at_opening": np.zeros(n),
        "report_count": np.ones(n),
        "weighted_report": np.ones(n),
        "is_cleared": np.zeros(n, dtype=bool),
    }
    given |= {name: np.asarray(values) for name, values in columns.items()}
    return Cases(np.asarray(opened_at, dtype=float), np.asarray(service_hours, dtype=float), **given)


def erlang_c_wait(servers: int, load: float) -> float:
    """Mean wait in units of the mean service time (M/M/c)."""
    offered = servers * load
    waiting = offered**servers / math.factorial(servers) / (1 - load)
    idle = sum(offered**k / math.factorial(k) for k in range(servers)) + waiting
    return waiting / idle / (servers * (1 - load))


@pytest.mark.parametrize("load", [0.5, 0.8, 0.9])
def test_first_in_first_out_waits_as_long_as_erlang_says(load: float) -> None:
    servers, count, warm_up, batches = 3, 30_000, 2_000, 20
    generator = np.random.default_rng(0)
    opened = np.cumsum(generator.exponential(1 / (servers * load), count))
    cases = cases_of(opened, generator.exponential(1.0, count))
    outcome = simulate(cases, POLICIES["arrival"], Team(servers), end=np.inf, growth_hours=GROWTH)
    waits = (outcome.started_at - opened)[warm_up:]
    means = waits[: len(waits) // batches * batches].reshape(batches, -1).mean(axis=1)
    margin = stats.t.ppf(0.975, batches - 1) * means.std(ddof=1) / math.sqrt(batches)
    assert abs(means.mean() - erlang_c_wait(servers, load)) < margin


def test_littles_law_holds_for_every_policy() -> None:
    """The mean number waiting is the rate of arrivals times the mean wait, up to those that still wait at the end."""
    generator = np.random.default_rng(3)
    opened = np.sort(generator.uniform(0, 500, 1_000))
    cases = cases_of(
        opened,
        generator.exponential(0.9, 1_000),
        claim_probability=generator.uniform(size=1_000),
        final_views=generator.lognormal(8, 1, 1_000),
    )
    for policy in POLICIES.values():
        outcome = simulate(cases, policy, Team(2), end=500.0, growth_hours=GROWTH)
        # What left the queue waited to its start; the rest waits at the end: the law's edge term.
        waits = np.minimum(outcome.started_at, 500.0) - opened
        moments = np.linspace(0, 500, 4_001)[1:]
        in_queue = [((opened <= t) & (outcome.started_at > t)).sum() for t in moments]
        assert np.mean(in_queue) == pytest.approx(1_000 / 500 * waits.mean(), rel=0.01), policy.name


def test_a_queue_worked_out_by_hand() -> None:
    """One reviewer, an hour each: the unlikely case came first, then policies part ways."""
    cases = cases_of([0, 0.1, 0.2, 0.3], [1, 1, 1, 1], claim_probability=[0.5, 0.1, 0.9, 0.4])
    by_arrival = simulate(cases, POLICIES["arrival"], Team(1), end=100, growth_hours=GROWTH)
    assert by_arrival.started_at.tolist() == [0, 1, 2, 3]
    by_probability = simulate(cases, POLICIES["claim_probability"], Team(1), end=100, growth_hours=GROWTH)
    assert by_probability.started_at.tolist() == [0, 3, 1, 2]


def test_every_tenth_place_is_the_oldest_cases() -> None:
    probability = np.linspace(0, 1, 40)  # the oldest is the least likely
    cases = cases_of(np.arange(40) * 1e-6, np.ones(40), claim_probability=probability)
    fair = simulate(cases, POLICIES["claim_probability"], Team(1), end=1_000, growth_hours=GROWTH)
    taken = np.argsort(fair.started_at)
    assert taken[9] == 1, "the first is taken alone on its arrival, so the second is the oldest at the tenth place"
    harsh = Team(1, keeps_places_for_the_oldest=False)
    assert simulate(cases, POLICIES["claim_probability"], harsh, 1_000, GROWTH).started_at[1] == 39


def test_nobody_takes_up_a_case_outside_the_shift() -> None:
    cases = cases_of([7.5, 9.0, 30.0], [1, 1, 1])
    outcome = simulate(cases, POLICIES["arrival"], Team(1, shift_hours=8), end=100, growth_hours=GROWTH)
    assert outcome.started_at.tolist() == [7.5, 24, 30]


def test_cleared_cases_are_nobodys_work() -> None:
    cases = cases_of([0, 0, 0], [1, 1, 1], is_cleared=[False, True, False])
    outcome = simulate(cases, POLICIES["arrival"], Team(1), end=100, growth_hours=GROWTH)
    assert outcome.started_at.tolist() == [0, np.inf, 1]
    assert measure(cases, outcome, 24, GROWTH, 30).pending_count == 0


def test_measures_worked_out_by_hand() -> None:
    cases = cases_of([0, 0, 0, 99.5], [2, 2, 2, 1], is_claim=[True, False, True, True])
    outcome = simulate(cases, POLICIES["arrival"], Team(1), end=100, growth_hours=GROWTH)
    found = measure(cases, outcome, target_hours=3, growth_hours=GROWTH, cost_per_hour=30)
    assert found.median_hours_to_claim == 2  # waits of 2 and 6; the last one is not due yet
    assert found.p95_hours_to_claim == 6
    assert found.share_within_target == 0.5
    assert found.pending_count == 1
    assert found.hours_per_decided_claim == 3
    assert found.money_per_decided_claim == 90
    to_decision = grown(np.full(3, 1000.0), np.array([2, 6, 0.5]), GROWTH).sum()
    to_end = grown(np.full(3, 1000.0), np.array([100, 100, 0.5]), GROWTH).sum()
    assert found.claim_views_before_decision_share == pytest.approx(to_decision / to_end)


def test_a_claim_that_nobody_decides_has_no_end_of_waiting() -> None:
    cases = cases_of([0, 0], [90, 90])
    outcome = simulate(cases, POLICIES["arrival"], Team(1), end=100, growth_hours=GROWTH)
    found = measure(cases, outcome, target_hours=24, growth_hours=GROWTH, cost_per_hour=30)
    assert (found.median_hours_to_claim, found.p95_hours_to_claim) == (90, None)
    assert found.share_within_target == 0


def test_nothing_arrives() -> None:
    outcome = simulate(cases_of([], []), POLICIES["arrival"], Team(1), end=10, growth_hours=GROWTH)
    found = measure(cases_of([], [], is_claim=np.empty(0, dtype=bool)), outcome, 24, GROWTH, 30)
    assert found.median_hours_to_claim is None
    assert found.pending_count == 0
