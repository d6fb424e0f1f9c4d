"""`claims simulate`: which order of the queue is in force, and how many people it takes to keep up."""

from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from ml.backlog import policies as orders
from ml.backlog.held_out import HeldOut, read_held_out
from ml.backlog.policies import Choice, Policy
from ml.backlog.simulation import HOURS_PER_DAY, Cases, Measures, Team, Values, measure, simulate
from ml.statistics.t_tests import CONFIDENCE, SIGNIFICANCE
from warehouse import contract
from warehouse.errors import UsageError
from warehouse.protocol import Engine
from warehouse.settings import Settings

SMALLEST_TEAM = "smallest_reviewer_count"
MET_SHARE = 0.95
"""A team meets the target where it decides at least this share of the claims in time."""
LARGEST_TEAM = 1_024


class Plan(NamedTuple):
    """What is simulated."""

    reviewer_count: int
    minutes_per_review: float
    shift_hours: float
    cases_per_day: float
    cost_per_hour: float
    target_hours: float
    growth_hours: float
    missed_share: float
    """Clearing takes away the cases below the probability under which at most this share of the claims stands."""
    day_count: int = 5
    seed_count: int = 3


class LateDecisions(NamedTuple):
    """The last day on which somebody decided, where the target was missed."""

    day: str
    within_target_share: float


class Outcome(NamedTuple):
    """What was found."""

    policy: str
    reason: str
    smallest_reviewer_count: int | None
    row_count: int


def plan_of(settings: Settings, **changes: Any) -> Plan:
    """The plan that the settings describe.

    Args:
        settings: Defaults.
        **changes: What the person who asks wants otherwise; None leaves it.
    """
    plan = Plan(
        reviewer_count=settings.reviewer_count,
        minutes_per_review=settings.minutes_per_review,
        shift_hours=settings.shift_hours,
        cases_per_day=settings.cases_per_day,
        cost_per_hour=settings.cost_per_hour,
        target_hours=settings.target_hours,
        growth_hours=settings.view_growth_hours,
        missed_share=settings.missed_share_limit,
    )
    return plan._replace(**{name: value for name, value in changes.items() if value is not None})


def run(engine: Engine, settings: Settings, plan: Plan) -> Outcome:
    """Choose the order of the queue and simulate every order, with and without clearing.

    Args:
        engine: The working warehouse.
        settings: Which policy is chosen by hand, if any.
        plan: What is simulated.

    Returns:
        The policy in force, why, and the smallest team that meets the target with it.

    Raises:
        UsageError: The policy chosen by hand does not exist.
    """
    policies = orders.read_policies()
    held_out = read_held_out(engine)
    choice, rows = _policy_rows(policies, held_out, settings.queue_policy)
    engine.write(contract.from_rows(rows, "queue_policy_coverage"), "queue_policy_coverage")
    simulated, smallest = _simulation_rows(policies, held_out, plan, choice.policy)
    engine.write(contract.from_rows(simulated, "backlog_simulation"), "backlog_simulation")
    return Outcome(choice.policy, choice.reason, smallest, len(rows) + len(simulated))


def late_decisions(engine: Engine) -> LateDecisions | None:
    """What the last day of decisions came to, if fewer than `MET_SHARE` of its cases were decided in time."""
    backlog = contract.relation("agg_backlog_daily")
    last = engine.query(
        f"select cast(day_started_at as date) as day, within_target_share from {backlog} "
        "where within_target_share is not null order by day_started_at desc limit 1"
    ).to_pylist()
    if not last or last[0]["within_target_share"] >= MET_SHARE:
        return None
    return LateDecisions(f"{last[0]['day']:%Y-%m-%d}", last[0]["within_target_share"])


def _policy_rows(policies: list[Policy], held_out: HeldOut, by_hand: str | None) -> tuple[Choice, list[dict[str, Any]]]:
    """The choice, and a row per policy and capacity."""
    known = [policy.name for policy in policies if not policy.is_oracle]
    if by_hand is not None and by_hand not in known:
        raise UsageError(f"CLAIMS_QUEUE_POLICY is {by_hand!r}; the policies are: {', '.join(known)}.")
    young_views = np.floor(held_out.final_views * held_out.young_share)
    inputs = {
        "claim_probability": held_out.claim_probability,
        "reach": young_views,
        "report_count": held_out.report_count,
        "weighted_report": held_out.weighted_report,
        "waiting": held_out.arrival,
        "report_age": held_out.arrival,
    }
    choice, shares, comparisons = orders.judge(policies, inputs, held_out.is_claim, held_out.final_views - young_views)
    if by_hand is not None:
        choice = Choice(by_hand, "chosen_by_hand")
    beaten_by = {
        (found.second if found.difference > 0 else found.first, found.capacity_share): (
            found.first if found.difference > 0 else found.second
        )
        for found in comparisons
        if found.p_value is not None and found.p_value < SIGNIFICANCE
    }
    rows = [
        {
            "policy": policy.name,
            "policy_number": policy.number,
            "capacity_share": capacity,
            **_covered(shares.get(policy.name), column),
            "beaten_by": beaten_by.get((policy.name, capacity)),
            "is_oracle": policy.is_oracle,
            "is_in_force": policy.name == choice.policy,
            "reason": choice.reason if policy.name == choice.policy else None,
            "video_count": len(held_out.is_claim),
        }
        for policy in policies
        for column, capacity in enumerate(orders.CAPACITIES)
    ]
    return choice, rows


def _covered(shares: Values | None, column: int) -> dict[str, float]:
    """What a policy covers at one capacity, with the interval that the bootstrap's standard error gives."""
    if shares is None:
        return {}
    share, error = float(shares[0, column]), float(np.nanstd(shares[1:, column], ddof=1))
    margin = float(stats.norm.ppf(1 - SIGNIFICANCE / 2)) * error
    return {
        "covered_share": share,
        "covered_share_lower_bound": max(0.0, share - margin),
        "covered_share_upper_bound": min(1.0, share + margin),
    }


def _simulation_rows(
    policies: list[Policy], held_out: HeldOut, plan: Plan, in_force: str
) -> tuple[list[dict[str, Any]], int | None]:
    """A row per policy, clearing and measure, and the smallest team for the policy in force without clearing."""
    if not held_out.is_claim.any():
        return [], None
    rows: list[dict[str, Any]] = []
    smallest: int | None = None
    team = Team(plan.reviewer_count, plan.shift_hours)
    for clears in (False, True):
        arrivals = [_arrivals(held_out, plan, seed, clears=clears) for seed in range(plan.seed_count)]
        for policy in policies:
            told = {"policy": policy.name, "is_clearing": clears, "is_in_force": policy.name == in_force}
            measured = [_measures(cases, policy, team, plan) for cases in arrivals]
            rows.extend(
                {**told, **_constants(plan), "measure": name, **_interval(measured, name)} for name in Measures._fields
            )
            if policy.name == in_force:
                needed = _smallest_team(arrivals, policy, plan)
                smallest = smallest if clears else needed
                rows.append({**told, **_constants(plan), "measure": SMALLEST_TEAM, "value": needed})
    return rows, smallest


def _constants(plan: Plan) -> dict[str, Any]:
    return {
        "reviewer_count": plan.reviewer_count,
        "minutes_per_review": plan.minutes_per_review,
        "shift_hours": plan.shift_hours,
        "cases_per_day": plan.cases_per_day,
        "cost_per_hour": plan.cost_per_hour,
        "target_hours": plan.target_hours,
        "day_count": plan.day_count,
        "seed_count": plan.seed_count,
    }


def _arrivals(held_out: HeldOut, plan: Plan, seed: int, *, clears: bool) -> Cases:
    """Held-out videos, drawn with replacement, whose cases are opened at random moments."""
    generator = np.random.default_rng([seed, 1])
    count = int(generator.poisson(plan.cases_per_day * plan.day_count))
    opened_at = np.sort(generator.uniform(0, plan.day_count * HOURS_PER_DAY, count))
    drawn = generator.integers(0, len(held_out.is_claim), count)
    probability = held_out.claim_probability[drawn]
    return Cases(
        opened_at=opened_at,
        service_hours=generator.exponential(plan.minutes_per_review / 60, count),
        is_claim=held_out.is_claim[drawn] == 1,
        claim_probability=probability,
        final_views=held_out.final_views[drawn],
        age_at_opening=-plan.growth_hours * np.log1p(-held_out.young_share[drawn]),
        report_count=held_out.report_count[drawn],
        weighted_report=held_out.weighted_report[drawn],
        is_cleared=(probability < _clearing_threshold(held_out, plan.missed_share)) & clears,
    )


def _clearing_threshold(held_out: HeldOut, missed_share: float) -> float:
    """The probability under which at most this share of the held-out claims stands."""
    claims = np.sort(held_out.claim_probability[held_out.is_claim == 1])
    return float(claims[int(missed_share * len(claims))])


def _measures(cases: Cases, policy: Policy, team: Team, plan: Plan) -> Measures:
    outcome = simulate(cases, policy, team, plan.day_count * HOURS_PER_DAY, plan.growth_hours)
    return measure(cases, outcome, plan.target_hours, plan.growth_hours, plan.cost_per_hour)


def _interval(measured: list[Measures], name: str) -> dict[str, float | None]:
    """Mean over the seeds with its t interval; None where a seed has no value."""
    values = [getattr(one, name) for one in measured]
    if any(value is None for value in values):
        return {"value": None, "lower_bound": None, "upper_bound": None}
    known: Values = np.array(values, dtype=np.float64)
    mean, count = float(known.mean()), len(known)
    if count < 2:
        return {"value": mean, "lower_bound": None, "upper_bound": None}
    margin = float(stats.t.ppf(0.5 + CONFIDENCE / 2, count - 1) * known.std(ddof=1) / np.sqrt(count))
    return {"value": mean, "lower_bound": max(0.0, mean - margin), "upper_bound": mean + margin}


def _smallest_team(arrivals: list[Cases], policy: Policy, plan: Plan) -> int | None:
    """The fewest reviewers who decide enough claims in time in every seed; None where no team does."""

    def meets(count: int) -> bool:
        team = Team(count, plan.shift_hours)
        shares = (_measures(cases, policy, team, plan).share_within_target for cases in arrivals)
        return all(share is not None and share >= MET_SHARE for share in shares)

    enough = 1
    while not meets(enough):
        enough *= 2
        if enough > LARGEST_TEAM:
            return None
    too_few = enough // 2
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        enough, too_few = (middle, too_few) if meets(middle) else (enough, middle)
    return enough
