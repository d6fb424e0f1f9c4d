"""What a director reads first: at most three findings, one recommendation, how sure we are, and the backlog."""

from wording import backlog, claim_model, claims_and_opinions, delivery, review_queue, verified_accounts
from wording.numbers import share
from wording.rows import Data, Row

FIRM = "How sure: firm, that is, its interval and that of the order of arrival lie apart on videos new to every model."
OPEN = "How sure: open, that is, its interval and that of the order of arrival overlap: another sample may differ."
UNMEASURED = "How sure: not measured, since no order could be compared on this data."


def sentences(data: Data) -> list[str]:
    """The first screen, a paragraph each."""
    found = [*delivery.drift(data["drift"])[:1], *findings(data)][:3]
    return [*found, recommendation(data), certainty(data["coverage"]), _backlog(data)]


def findings(data: Data) -> list[str]:
    """At most three."""
    statuses = data["claim_statuses"]
    known = [row for row in statuses if row["claim_status"] != "unlabelled"]
    found = [
        claims_and_opinions.view_share(known) if known else claims_and_opinions.status_counts(statuses),
        verified_accounts.finding(data["statistics"]),
        _covered(data["coverage"]),
    ]
    metrics = data["model_metrics"]
    # Where nothing tells the classes apart, that is the first thing to know.
    return [claim_model.forest(metrics), *found[:2]] if claim_model.is_no_better_than_majority(metrics) else found


def recommendation(data: Data) -> str:
    """What to do, chosen by what the orders cover and by the order in force."""
    row = _usual(data["coverage"])
    if row is None or row["has_gain_over_trivial"] is None:
        return "Recommendation: let people review in order of arrival until an order has been measured."
    if row["has_gain_over_trivial"]:
        return "Recommendation: review in our order, from the top; people decide on every video."
    simple = review_queue.policy_text(row["trivial_policy"])
    # An order with a model is in force where it beats the simple one at some other capacity.
    if any(order["is_in_force"] and review_queue.rests_on_a_model(order["policy"]) for order in data["backlog"]):
        return (
            f"Recommendation: review in our order, from the top; with room for {share(row['capacity_share'])} of the"
            f" videos no clear difference to sorting by {simple} was found. People decide on every video."
        )
    return (
        f"Recommendation: review by {simple}, which nothing measured here clearly beats and which needs no model;"
        " people decide on every video."
    )


def certainty(coverage: list[Row]) -> str:
    """How sure we are of the recommendation, as a word with its meaning."""
    ours = _usual(coverage)
    arrival = None if ours is None else review_queue.at(coverage, review_queue.ARRIVAL, ours["capacity_share"])
    if ours is None or arrival is None:
        return UNMEASURED
    low, high = ours["claim_view_share_lower_bound"], arrival["claim_view_share_upper_bound"]
    if low is None or high is None:
        return UNMEASURED
    return FIRM if low > high else OPEN


def _backlog(data: Data) -> str:
    return backlog.came_in(data["reconciliation"], data["backlog"])


def _covered(coverage: list[Row]) -> str:
    """What the recommended order sees, beside the order of arrival."""
    ours = _usual(coverage)
    arrival = None if ours is None else review_queue.at(coverage, review_queue.ARRIVAL, ours["capacity_share"])
    if ours is None or arrival is None:
        return "No order of review has been measured on this data."
    return (
        f"With room for {share(ours['capacity_share'])} of the videos, the right order shows moderators"
        f" {share(ours['claim_view_share'])} of the views of claims; the order of arrival shows"
        f" {share(arrival['claim_view_share'])}."
    )


def _usual(coverage: list[Row]) -> Row | None:
    capacity = review_queue.usual(coverage)
    return None if capacity is None else review_queue.at(coverage, review_queue.OURS, capacity)
