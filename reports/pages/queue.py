"""The page on the review queue: what an order covers, what it saves, and what stands on top."""

from functools import partial

from reports import charts
from reports.content import (
    Block,
    Bullets,
    Calculator,
    Capacity,
    Column,
    Format,
    Page,
    Section,
    Table,
    Text,
    figure,
    number,
    text,
    yes_no,
)
from reports.estimates import interval_columns
from reports.pages.backlog import daily, labels
from wording import backlog as say_backlog
from wording import codes, missing, names, numbers
from wording import review_queue as say
from wording.numbers import decimal, share
from wording.rows import Data, Row

DRAWN = (say.ARRIVAL, say.VIEWS, say.OURS, say.ORACLE)


def build(data: Data, minutes_per_review: float) -> Page:
    """Lay the page out.

    Args:
        data: Rows of every query.
        minutes_per_review: The assumption that the page begins with; readers choose their own.
    """
    coverage = data["coverage"]
    return Page(
        name="queue",
        label="Review queue",
        title="What to review first",
        summary_heading="Executive summary",
        summary=say.summary(coverage, data["predictions"], minutes_per_review),
        sections=[
            Section("Choose your capacity", _calculator(coverage, minutes_per_review), "capacity-choice"),
            Section("What each order covers", _curves(coverage), "coverage"),
            Section(
                "How many people it takes, and what each order does to the backlog",
                _backlog(data["backlog"]),
                "backlog",
            ),
            Section("The backlog day by day", daily(data["days"]), "days"),
            Section("How many videos wait for a person", [_decisions(data["predictions"])], "waiting"),
        ],
        appendix=[
            Section("What decisions say about the labels", labels(data["agreement"], data["prevalence"]), "labels"),
            Section("The first cases of the queue", _top(data["queue"]), "top"),
            Section("Hours of review by capacity", _hours(coverage, minutes_per_review), "hours"),
            Section("Each order in a sentence", _each_order(coverage), "orders"),
        ],
    )


HOURS = "What each capacity covers, and the hours that it takes, stands in the appendix as a table."


def _capacities(coverage: list[Row]) -> list[Capacity]:
    capacities = []
    for capacity in say.capacities(coverage):
        row = say.at(coverage, say.OURS, capacity)
        if row is None:
            continue
        videos = round(capacity * row["video_count"])
        arrival = round(
            say.capacity_needed(say.curve(coverage, say.ARRIVAL), row["claim_view_share"]) * row["video_count"]
        )
        label = f"{share(capacity)} ({numbers.count(videos)} videos)"
        capacities.append(Capacity(f"{capacity:g}", label, say.covered(coverage, capacity), videos, arrival))
    return capacities


def _calculator(coverage: list[Row], minutes: float) -> list[Block]:
    capacities = _capacities(coverage)
    if not capacities:
        return [Text([missing.CAPACITIES])]
    usual = f"{say.usual(coverage):g}"
    capacities.sort(key=lambda entry: (entry.value != usual, float(entry.value)))
    return [Text([HOURS]), Calculator(capacities, minutes)]


def _hours(coverage: list[Row], minutes: float) -> list[Block]:
    rows = [
        {
            "capacity": entry.label,
            "ours": entry.video_count * minutes / 60,
            "arrival": entry.first_come_video_count * minutes / 60,
            "saved": max(0, entry.first_come_video_count - entry.video_count) * minutes / 60,
            "covered": entry.sentence,
        }
        for entry in _capacities(coverage)
    ]
    columns = [
        text("Capacity", "capacity"),
        number("Hours in our order", "ours"),
        number("Hours in order of arrival", "arrival"),
        number("Hours saved", "saved"),
        text("What is covered", "covered"),
    ]
    caption = f"Hours of review at {numbers.quantity(minutes)} minutes per video, for the same views of claims"
    return [Table(caption, columns, rows)]


def _each_order(coverage: list[Row]) -> list[Block]:
    usual = say.usual(coverage)
    return [Bullets([say.coverage_sentence(row, coverage) for row in coverage if row["capacity_share"] == usual])]


def _curves(coverage: list[Row]) -> list[Block]:
    series = [
        charts.Line(say.policy_text(policy), [(0.0, 0.0), *points])
        for policy in DRAWN
        if (points := say.curve(coverage, policy))
    ]
    if not series:
        return [Text([missing.ORDER])]
    gain = partial(decimal, digits=3)
    columns = [
        text("Order", lambda row: say.policy_text(row["policy"])),
        number("Capacity", "capacity_share", share),
        number("Claims found", "claim_share", share),
        *interval_columns("Views of claims", "claim_view_share", share, "claim_view_share_"),
        *interval_columns("Gain over the simple order", "claim_view_gain", gain, "claim_view_gain_"),
    ]
    return [
        figure(
            "coverage",
            say.gain_title(coverage),
            charts.lines(series, ("share of the videos reviewed", "share of the views of claims")),
            reading="Each line is one order of review: the higher it runs, the more views of claims are seen early.",
            table=Table("Coverage by order and capacity", columns, coverage),
        ),
    ]


def _backlog(rows: list[Row]) -> list[Block]:
    """The simulation, one row per order with and without clearing."""
    found: dict[tuple[str, bool], Row] = {}
    for row in rows:
        key = ("policy", "is_clearing", "is_in_force")
        entry = found.setdefault((row["policy"], row["is_clearing"]), {name: row[name] for name in key})
        entry[row["measure"]] = row["value"]

    def measure(header: str, name: str, write: Format = numbers.quantity) -> Column:
        return number(header, lambda row: row.get(name), write)

    columns = [
        text("Order", lambda row: codes.text("review_policy", row["policy"])),
        text("In force", "is_in_force", yes_no),
        text("Sets clear opinions aside", "is_clearing", yes_no),
        measure("Median hours to a claim", "median_hours_to_claim", numbers.hours),
        measure("Hours for nineteen of twenty", "p95_hours_to_claim", numbers.hours),
        measure("Decided in time", "share_within_target", share),
        measure("Cases left", "pending_count"),
        measure("Cost of a decided claim", "money_per_decided_claim", numbers.amount),
    ]
    note = Text([say_backlog.team(rows), say_backlog.assumptions(rows)] if rows else [say_backlog.NOT_SIMULATED])
    return (
        [note, Table("A simulated stretch of review, order by order", columns, list(found.values()))]
        if rows
        else [note]
    )


def _top(rows: list[Row]) -> list[Block]:
    columns = [
        number("Place", "queue_rank"),
        text("Video", "video_id"),
        number("Chance of a claim", "claim_probability", share),
        number("Views", "video_view_count"),
        text("Author status", "author_ban_status"),
        text("Verified status", "verified_status"),
        text("Why here", say.why),
    ]
    return [Text([say.order_in_words(rows)]), Table("The first cases of the queue", columns, rows, is_searchable=True)]


def _decisions(rows: list[Row]) -> Table:
    columns = [
        text("What is known", lambda row: names.feature_set(row["feature_set"])),
        text("Written", lambda row: names.decision(row["decision"])),
        number("Videos", "video_count"),
    ]
    return Table("Decisions by what the score rests on", columns, rows)
