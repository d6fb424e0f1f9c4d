"""What the review queue covers, beside the trivial orders and perfect foresight."""

from itertools import pairwise

from warehouse import contract
from wording import codes, numbers
from wording.rows import Row

OURS, ARRIVAL, VIEWS, ORACLE = "priority", "first_in_first_out", "views", "oracle"
# The capacity that summaries speak of, where it was computed; else the nearest.
USUAL_CAPACITY = 0.25


def policy_text(name: str) -> str:
    """A policy in words."""
    return codes.text("policy", name)


def rests_on_a_model(policy: str) -> bool:
    """Whether an order uses the chance of a claim; orders without a score do not stand in the seed."""
    powers = {row["policy"]: float(row["claim_probability_power"]) for row in contract.seed_rows("review_policies")}
    return powers.get(policy, 0) > 0


def curve(coverage: list[Row], policy: str) -> list[tuple[float, float]]:
    """Capacity and share of the views of claims that one order covers, from the smallest capacity."""
    points = [(row["capacity_share"], row["claim_view_share"]) for row in coverage if row["policy"] == policy]
    return sorted(point for point in points if point[1] is not None)


def at(coverage: list[Row], policy: str, capacity: float) -> Row | None:
    """One policy at one capacity."""
    return next(
        (
            row
            for row in coverage
            if row["policy"] == policy and row["capacity_share"] == capacity and row["claim_view_share"] is not None
        ),
        None,
    )


def capacities(coverage: list[Row]) -> list[float]:
    """Every capacity at which our order was measured."""
    return [capacity for capacity, _ in curve(coverage, OURS)]


def usual(coverage: list[Row]) -> float | None:
    """The capacity that summaries speak of."""
    found = capacities(coverage)
    return min(found, key=lambda capacity: (abs(capacity - USUAL_CAPACITY), capacity)) if found else None


def capacity_needed(points: list[tuple[float, float]], share: float) -> float:
    """Capacity at which a curve reaches a share, linear between its points; all videos where it never does."""
    for (left, low), (right, high) in pairwise([(0.0, 0.0), *points]):
        if high >= share:
            return left + (right - left) * (share - low) / (high - low) if high > low else right
    return 1.0


def covered(coverage: list[Row], capacity: float) -> str:
    """What our order covers at one capacity, beside the others."""
    row = at(coverage, OURS, capacity)
    if row is None:
        return "The order has not been measured."
    others = [
        f"{policy_text(policy)} {numbers.share(other['claim_view_share'])}"
        for policy in (ARRIVAL, VIEWS, ORACLE)
        if (other := at(coverage, policy, capacity)) is not None
    ]
    return (
        f"With room to review {numbers.share(capacity)} of the videos, our order covers"
        f" {numbers.share(row['claim_view_share'])} of the views of claims ({', '.join(others)})."
    )


def gain(coverage: list[Row]) -> str:
    """Whether the model adds anything to the simple order, in points of the printed shares."""
    capacity = usual(coverage)
    row = None if capacity is None else at(coverage, OURS, capacity)
    simple = None if row is None or capacity is None else at(coverage, row["trivial_policy"], capacity)
    if row is None or simple is None or row["has_gain_over_trivial"] is None:
        return "Whether a model adds anything to a simple order cannot be told on this data."
    order = policy_text(row["trivial_policy"])
    points = numbers.points(row["claim_view_share"], simple["claim_view_share"])
    if row["has_gain_over_trivial"]:
        return f"Our order covers {points} more of these views than sorting by {order}."
    if row["claim_view_gain_upper_bound"] is not None and row["claim_view_gain_upper_bound"] < 0:
        return (
            f"Sorting by {order} covers {points} more of these views than our order. The simple order does better here."
        )
    return f"Between our order and sorting by {order} there is no clear difference here."


def gain_title(coverage: list[Row]) -> str:
    """The same as a chart's title, without the numbers that the chart shows."""
    capacity = usual(coverage)
    row = None if capacity is None else at(coverage, OURS, capacity)
    if row is None or row["has_gain_over_trivial"] is None:
        return "No simple order was measured beside ours"
    order = policy_text(row["trivial_policy"])
    if row["has_gain_over_trivial"]:
        return f"Our order covers more views of claims than {order}"
    if row["claim_view_gain_upper_bound"] is not None and row["claim_view_gain_upper_bound"] < 0:
        return f"Our order covers fewer views of claims than {order}"
    return f"No clear difference was found between our order and {order}"


def coverage_sentence(row: Row, coverage: list[Row]) -> str:
    """What one order covers at one capacity, beside the simple order that it must beat.

    Args:
        row: Of `agg_queue_coverage`.
        coverage: All rows of it.
    """
    lead = (
        f"Reviewing {numbers.share(row['capacity_share'])} of the videos by {policy_text(row['policy'])} covers "
        f"{numbers.share(row['claim_view_share'])} of the views of claims"
    )
    simple = None if row["trivial_policy"] is None else at(coverage, row["trivial_policy"], row["capacity_share"])
    if simple is None:
        return f"{lead}."
    clear = "" if row["has_gain_over_trivial"] else ", no clear gain"
    return (
        f"{lead}, against {numbers.share(simple['claim_view_share'])} by {policy_text(row['trivial_policy'])}{clear}."
    )


def order_in_words(rows: list[Row]) -> str:
    """By what the open cases are ranked.

    Args:
        rows: The first rows of `fct_review_queue`.
    """
    if not rows:
        return "No case is open."
    return (
        f"Open cases are ranked by {codes.text('review_policy', rows[0]['policy'])}; cases with the same words stand"
        " together, and one place in ten is kept for the case that has waited longest."
    )


def why(row: Row) -> str:
    """Why a case stands where it stands in the queue.

    Args:
        row: Of `fct_review_queue`.
    """
    parts = [f"{numbers.capitalise(codes.text('queue_reason', row['reason']))}."]
    if row["reporter_count"]:
        parts.append(f"Reported by {numbers.count(row['reporter_count'])}.")
    if row["is_reopened"]:
        parts.append("Decided before, and reported again.")
    if row["waiting_hours"] is not None:
        parts.append(f"Waiting for {numbers.things(round(row['waiting_hours']), 'hour')}.")
    if not row["video_view_count"]:
        parts.append("No views yet: ranked by those to expect of a video like it.")
    return " ".join(parts)


def reported(row: Row) -> str:
    """What people reported a video for.

    Args:
        row: A reason with its `report_count` and `first_reported_at`.
    """
    since = f"{row['first_reported_at']:%d %B %Y}".removeprefix("0")
    several = f"{numbers.count(row['report_count'])} reports, the first on"
    times = "one report, on" if row["report_count"] == 1 else several
    return f"{numbers.capitalise(row['report_reason'] or 'no reason given')}: {times} {since}"


def waiting(predictions: list[Row]) -> str:
    """How many videos go to a person because no model can say."""
    total = sum(row["video_count"] for row in predictions)
    if total == 0:
        return "The queue is empty."
    unsure = sum(row["video_count"] for row in predictions if row["decision"] == "needs_review")
    claims = sum(row["video_count"] for row in predictions if row["decision"] == "claim")
    return (
        f"Of {numbers.count(total)} videos, the model takes {numbers.count(claims)} for claims and leaves"
        f" {numbers.count(unsure)} to a person."
    )


def saved(coverage: list[Row], minutes: float) -> str:
    """Hours saved against the order of arrival at the usual capacity."""
    capacity = usual(coverage)
    row = None if capacity is None else at(coverage, OURS, capacity)
    if capacity is None or row is None or not curve(coverage, ARRIVAL):
        return "Hours saved cannot be told on this data."
    videos = capacity * row["video_count"]
    arrival = capacity_needed(curve(coverage, ARRIVAL), row["claim_view_share"]) * row["video_count"]
    hours = (arrival - videos) * minutes / 60
    assumed = f"At {numbers.quantity(minutes)} minutes per review"
    if hours <= 0:
        return f"{assumed}, our order saves no time against the order of arrival."
    return (
        f"{assumed}, our order saves {numbers.count(hours)} hours against the order of arrival for the same views of"
        " claims."
    )


def summary(coverage: list[Row], predictions: list[Row], minutes: float) -> list[str]:
    """The executive summary of the page on the review queue."""
    capacity = usual(coverage)
    if capacity is None:
        first = "The queue’s order has not been measured on this data: that needs a trained model."
        return [
            first,
            waiting(predictions),
            "Nothing is removed by the order. A person looks at every video before anything is done.",
        ]
    return [
        covered(coverage, capacity),
        gain(coverage),
        saved(coverage, minutes),
        waiting(predictions),
        "Nothing is removed by the order. A person looks at every video before anything is done.",
    ]
