"""How long cases wait: a discrete-event simulation of a queue worked by several reviewers, in one order or another.

Time is in hours from the start of the simulation; day 0 begins at hour 0. A reviewer takes the case that the policy
wants most at that moment, finishes it without interruption, and takes up no new one after the end of the shift.
"""

import heapq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ml.backlog.policies import OLDEST_EVERY, Policy, score

HOURS_PER_DAY = 24.0

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Cases(NamedTuple):
    """What arrives, in order of arrival; every array has shape (n,)."""

    opened_at: Values
    """Hours."""
    service_hours: Values
    """How long a reviewer will need."""
    is_claim: Flags
    claim_probability: Values
    final_views: Values
    """Views when the video has spread."""
    age_at_opening: Values
    """Hours since publication."""
    report_count: Values
    """One more than the people who reported it."""
    weighted_report: Values
    """One more than the sum of their weights."""
    is_cleared: Flags
    """Nobody will look at it, since the model calls it an opinion under a promise in force."""


class Team(NamedTuple):
    """Who works the queue."""

    reviewer_count: int
    shift_hours: float = HOURS_PER_DAY
    """Hours that each reviewer works a day, all at the same time, from midnight on."""
    keeps_places_for_the_oldest: bool = True


class Outcome(NamedTuple):
    """What became of the cases; every array has shape (n,)."""

    started_at: Values
    """When a reviewer took the case; infinite where none did before the end."""
    decided_at: Values
    """When it was decided; infinite where it was not."""
    end: float
    """Hours that were simulated."""


def grown(final_views: Values, age: Values, growth_hours: float) -> Values:
    """Views at an age: what is still to come shrinks by a factor of e in every `growth_hours`."""
    return np.asarray(final_views * -np.expm1(-age / growth_hours))


def simulate(cases: Cases, policy: Policy, team: Team, end: float, growth_hours: float) -> Outcome:
    """Work the queue until the end.

    Args:
        cases: What arrives; see `Cases`.
        policy: Which case is taken first. Views are those of the moment at which a reviewer chooses.
        team: Who works.
        end: Hours to simulate; nothing is taken up after it, and what is under way then counts as not decided.
        growth_hours: How fast videos spread; see `grown`.

    Returns:
        When each case was taken up and decided.
    """
    queue = _Queue(cases, policy, growth_hours)
    started_at = np.full(len(cases.opened_at), np.inf)
    free_at = [0.0] * team.reviewer_count
    while True:
        now = _in_shift(heapq.heappop(free_at), team.shift_hours)
        if not queue.admit(now):
            next_opening = queue.next_opening()
            if next_opening is None:
                break
            now = _in_shift(max(now, next_opening), team.shift_hours)
            queue.admit(now)
        if now >= end:
            break
        takes_oldest = team.keeps_places_for_the_oldest and queue.taken_count % OLDEST_EVERY == OLDEST_EVERY - 1
        case = queue.take(now, takes_oldest=takes_oldest)
        started_at[case] = now
        heapq.heappush(free_at, now + cases.service_hours[case])
    decided_at = started_at + cases.service_hours
    return Outcome(started_at, np.where(decided_at <= end, decided_at, np.inf), end)


def _in_shift(moment: float, shift_hours: float) -> float:
    """The moment itself while people work, otherwise the start of the next day's shift."""
    day, hour = divmod(moment, HOURS_PER_DAY)
    return moment if hour < shift_hours else (day + 1) * HOURS_PER_DAY


class _Queue:
    """The cases that wait, in order of arrival."""

    def __init__(self, cases: Cases, policy: Policy, growth_hours: float) -> None:
        self._cases, self._policy, self._growth_hours = cases, policy, growth_hours
        self._arriving = np.flatnonzero(~cases.is_cleared)
        self._openings = cases.opened_at[self._arriving]
        self._admitted = 0
        self._waiting: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        # What does not change while a case waits is multiplied once.
        one = np.ones(len(cases.opened_at))
        self._constant = score(
            policy,
            {
                "claim_probability": cases.claim_probability,
                "report_count": cases.report_count,
                "weighted_report": cases.weighted_report,
                **dict.fromkeys(("reach", "waiting", "report_age"), one),
                "views_to_come": cases.is_claim * cases.final_views,
            },
        )
        # A case is opened by its first report, so both ages are one here.
        self._age_power = policy.powers["waiting"] + policy.powers["report_age"]
        self.taken_count = 0

    def admit(self, now: float) -> bool:
        """Let in what has arrived by now; returns whether anything waits."""
        until = int(np.searchsorted(self._openings, now, side="right"))
        if until > self._admitted:
            self._waiting = np.concatenate([self._waiting, self._arriving[self._admitted : until]])
            self._admitted = until
        return len(self._waiting) > 0

    def next_opening(self) -> float | None:
        """When the next case arrives; None after the last."""
        return float(self._openings[self._admitted]) if self._admitted < len(self._openings) else None

    def take(self, now: float, *, takes_oldest: bool) -> int:
        """Take one case out; equal scores go by arrival."""
        place = 0 if takes_oldest or len(self._waiting) == 1 else int(np.argmax(self._scores(now)))
        case = int(self._waiting[place])
        self._waiting = np.concatenate([self._waiting[:place], self._waiting[place + 1 :]])
        self.taken_count += 1
        return case

    def _scores(self, now: float) -> Values:
        """The policy's scores of the waiting cases at this moment."""
        cases, waiting, power = self._cases, self._waiting, self._policy.powers["reach"]
        scores = self._constant[waiting]
        if power or self._policy.is_oracle or self._age_power:
            since_opening = now - cases.opened_at[waiting]
        if power:
            views = grown(cases.final_views[waiting], cases.age_at_opening[waiting] + since_opening, self._growth_hours)
            scores = scores * views**power
        if self._policy.is_oracle:
            # Of all its views, those still to come.
            scores = scores * np.exp(-(cases.age_at_opening[waiting] + since_opening) / self._growth_hours)
        if self._age_power:
            scores = scores * since_opening**self._age_power
        return scores


class Measures(NamedTuple):
    """What one simulated stretch of time came to; None where there was nothing to measure."""

    median_hours_to_claim: float | None
    """From opening to decision, of the claims opened at least the target before the end, as the next two; waits without
    end count, and a quantile among them is None."""
    p95_hours_to_claim: float | None
    share_within_target: float | None
    claim_views_before_decision_share: float | None
    """Of the views that claims gained after their opening and before the end: those before the decision."""
    pending_count: float
    """Cases to review that wait or are under way at the end."""
    hours_per_decided_claim: float | None
    """Hours of review, opinions included, for each claim found."""
    money_per_decided_claim: float | None


def measure(cases: Cases, outcome: Outcome, target_hours: float, growth_hours: float, cost_per_hour: float) -> Measures:
    """Sum up what became of the cases.

    Args:
        cases: What arrived.
        outcome: When each was decided.
        target_hours: How soon a claim should be decided.
        growth_hours: How fast videos spread.
        cost_per_hour: Of one reviewer.

    Returns:
        The measures.
    """
    decided = np.isfinite(outcome.decided_at)
    claims = cases.is_claim & (cases.opened_at < outcome.end)
    due = claims & (cases.opened_at + target_hours <= outcome.end)
    waits = outcome.decided_at[due] - cases.opened_at[due]
    hours = float(cases.service_hours[decided].sum())
    found = int((decided & cases.is_claim).sum())
    return Measures(
        median_hours_to_claim=_quantile(waits, 0.5),
        p95_hours_to_claim=_quantile(waits, 0.95),
        share_within_target=float((waits <= target_hours).mean()) if len(waits) else None,
        claim_views_before_decision_share=_views_before_decision(cases, outcome, claims, growth_hours),
        pending_count=float((~decided & ~cases.is_cleared & (cases.opened_at < outcome.end)).sum()),
        hours_per_decided_claim=hours / found if found else None,
        money_per_decided_claim=hours * cost_per_hour / found if found else None,
    )


def _quantile(waits: Values, level: float) -> float | None:
    """The smallest wait that at least this share of the claims did not exceed; None where that one was not decided."""
    if len(waits) == 0:
        return None
    value = float(np.quantile(waits, level, method="inverted_cdf"))
    return value if np.isfinite(value) else None


def _views_before_decision(cases: Cases, outcome: Outcome, claims: Flags, growth_hours: float) -> float | None:
    final, age = cases.final_views[claims], cases.age_at_opening[claims]
    opened = cases.opened_at[claims]

    def views_at(moment: Values | float) -> Values:
        return grown(final, age + moment - opened, growth_hours)

    gained = float((views_at(outcome.end) - views_at(opened)).sum())
    before = float((views_at(np.minimum(outcome.decided_at[claims], outcome.end)) - views_at(opened)).sum())
    return before / gained if gained > 0 else None
