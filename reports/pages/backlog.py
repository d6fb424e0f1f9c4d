"""The backlog day by day: what was pending, and how long a decision took."""

from reports import charts
from reports.content import Block, Bullets, Grid, Table, Text, figure, number, text
from reports.estimates import interval_columns
from wording import backlog as say
from wording.numbers import hours, share
from wording.rows import Row


def daily(rows: list[Row]) -> list[Block]:
    """Charts of the newest days.

    Args:
        rows: Of `agg_backlog_daily`, from the earliest.
    """
    if not rows:
        return [Text([f"{say.pending(rows)}: that takes reports or decisions with their times."])]
    columns = [
        text("Day", "day_started_at", lambda start: say.day({"day_started_at": start})),
        number("Opened", "opened_count"),
        number("Opened again", "reopened_count"),
        number("Decided", "decided_count"),
        number("Labelled by a delivery", "labelled_count"),
        number("Pending at the end", "pending_count"),
        number("Median hours to a decision", "median_hours_to_decision", hours),
        number("Hours for nineteen of twenty", "p95_hours_to_decision", hours),
        number("Decided in time", "within_target_share", share),
    ]
    table = Table("Cases day by day", columns, rows)
    starts = [row["day_started_at"] for row in rows]
    waited = {
        "half": [row["median_hours_to_decision"] for row in rows],
        "nineteen of twenty": [row["p95_hours_to_decision"] for row in rows],
    }
    pending = charts.days(starts, {"pending": [row["pending_count"] for row in rows]}, "cases pending at the end")
    return [
        Grid(
            [
                figure("pending", say.pending(rows), pending, table=table),
                figure("hours", say.hours(rows), charts.days(starts, waited, "hours to a decision"), data=table.anchor),
            ]
        )
    ]


def labels(agreement: list[Row], prevalence: list[Row]) -> list[Block]:
    """How far labels agree, and how many claims there are among the cases.

    Args:
        agreement: Rows of `agg_label_agreement`.
        prevalence: Rows of `agg_prevalence`.
    """
    compared = [
        text("Compared", "comparison"),
        number("Videos", "compared_count"),
        number("Same label", "agreed_count"),
        *interval_columns("Share", "agreed_share", share),
    ]
    drawn = [
        text("Cases", "case_kind"),
        number("Opened on days that count", "case_count"),
        number("Drawn and decided", "drawn_count"),
        number("Claims among them", "claim_count"),
        *interval_columns("Share of claims", "claim_share", share),
    ]
    return [
        Bullets([say.agreement(row) for row in agreement]),
        Table("Videos that were labelled twice", compared, agreement),
        Bullets([say.prevalence(row) for row in prevalence]),
        Table("Claims among the cases drawn at random", drawn, prevalence),
    ]
