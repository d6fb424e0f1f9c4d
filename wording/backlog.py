"""The backlog and what a simulated stretch of review comes to, order by order."""

from collections.abc import Sequence

from wording.numbers import count, quantity, share, share_interval, things
from wording.rows import Row

NOTHING_DELIVERED = "Backlog: no reports have been delivered, so nobody can say yet how many wait."
NOT_SIMULATED = "Review has not been simulated on this data."


def came_in(reconciliation: Sequence[Row], simulation: Sequence[Row]) -> str:
    """What has come in, and the people it takes, in one line."""
    counts = {
        feed: sum(row["current_count"] or 0 for row in reconciliation if row["feed"] == feed)
        for feed in ("reports", "decisions")
    }
    if not counts["reports"]:
        return NOTHING_DELIVERED
    lead = f"Backlog: {things(counts['reports'], 'report')} and {things(counts['decisions'], 'decision')} have come in"
    return f"{lead}; {_people(simulation)}." if simulation else f"{lead}."


def pending(days: Sequence[Row]) -> str:
    """How the number of pending cases has changed, as a chart's title.

    Args:
        days: Rows of `agg_backlog_daily`, from the earliest.
    """
    if not days:
        return "No day of review has been recorded"
    first, last = days[0], days[-1]
    before, now = count(first["pending_count"]), count(last["pending_count"])
    if first is last:
        return f"{now} cases were pending at the end of {day(last)}"
    if before == now:
        return f"{now} cases were pending at the end of {day(last)}, as many as at the end of {day(first)}"
    moved = "rose" if last["pending_count"] > first["pending_count"] else "fell"
    return f"Pending cases {moved} from {before} at the end of {day(first)} to {now} at the end of {day(last)}"


def hours(days: Sequence[Row]) -> str:
    """How long decisions took on the last day that had some, as a chart's title."""
    row = next((row for row in reversed(days) if row["median_hours_to_decision"] is not None), None)
    if row is None:
        return "No decision with a time has been made"
    return (
        f"On {day(row)}, half of the decided cases had waited up to {quantity(row['median_hours_to_decision'])} hours,"
        f" nineteen of twenty up to {quantity(row['p95_hours_to_decision'])}"
    )


def day(row: Row) -> str:
    """The day of a row, for people."""
    return f"{row['day_started_at']:%d %B %Y}".removeprefix("0")


def team(simulation: Sequence[Row]) -> str:
    """How many people decide in time, and what an hour of them costs."""
    row = next(iter(simulation), None)
    if row is None:
        return NOT_SIMULATED
    people = _people(simulation)
    return f"{people[:1].upper()}{people[1:]}. An hour of review is taken to cost {quantity(row['cost_per_hour'])}."


def assumptions(simulation: Sequence[Row]) -> str:
    """What the simulation takes for granted."""
    row = next(iter(simulation), None)
    if row is None:
        return NOT_SIMULATED
    return (
        f"Assumed: {things(row['reviewer_count'], 'moderator')} at {quantity(row['shift_hours'])} hours a day,"
        f" {quantity(row['minutes_per_review'])} minutes for a case, {quantity(row['cases_per_day'])} new cases a day,"
        f" over {things(row['day_count'], 'day')}, drawn {count(row['seed_count'])} times."
    )


def agreement(row: Row) -> str:
    """How far two labels of the same videos agree.

    Args:
        row: Of `agg_label_agreement`.
    """
    who = "Two reviewers" if row["comparison"] == "two reviewers" else "A reviewer and the delivered label"
    if not row["compared_count"]:
        return f"{who} have not labelled the same video yet."
    return (
        f"{who} gave the same label to {share(row['agreed_share'])}"
        f" ({share_interval(row['lower_bound'], row['upper_bound'])})"
        f" of the {things(row['compared_count'], 'video')} that both labelled."
    )


def prevalence(row: Row) -> str:
    """How many cases are claims, by those drawn at random.

    Args:
        row: Of `agg_prevalence`.
    """
    whom = "all cases" if row["case_kind"] == "all cases" else "the cases that the model calls opinions"
    if not row["drawn_count"]:
        return f"How many of {whom} are claims cannot be told yet: no day has all of its drawn cases decided."
    return (
        f"Of {whom}, {share(row['claim_share'])} ({share_interval(row['lower_bound'], row['upper_bound'])})"
        f" are claims, judged by {things(row['drawn_count'], 'case')} drawn at random."
    )


def _people(simulation: Sequence[Row]) -> str:
    row = next((row for row in simulation if row["measure"] == "smallest_reviewer_count"), None)
    if row is None or row["value"] is None:
        return "no size of team that was tried decides claims in time"
    return (
        f"in the simulation {things(row['value'], 'moderator')} decide claims within {quantity(row['target_hours'])}"
        " hours"
    )
