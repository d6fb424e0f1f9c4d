"""Everything that people take along from a release, written beside its pages while it is staged."""

from pathlib import Path

import pyarrow as pa

from reports.content import Stamp
from reports.handouts.deck import PERCENT, Slide, SlideChart, write_deck
from reports.handouts.summaries import write_summaries
from reports.handouts.workbook import Field, Sheet, Source, write_workbook
from reports.pages import dictionary
from warehouse.csv_export import write_csv
from wording import backlog, claims_and_opinions, first_screen, review_queue
from wording.executive_summaries import Summary, summaries
from wording.overview import talking_points
from wording.rows import Data, Row

METRICS = ("views", "likes", "shares", "downloads")
FILTERS = ("verified_status", "author_ban_status")
PENDING = "pending at the end"
TITLE = "Claims against opinions"


def write_handouts(data: Data, folder: Path, stamp: Stamp | None, minutes_per_review: float) -> list[Path]:
    """Write the summaries, the deck, the workbook and the dictionary.

    Args:
        data: Rows of every query.
        folder: Made when absent.
        stamp: The release.
        minutes_per_review: The assumption behind hours of review.

    Returns:
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = summaries(data, minutes_per_review)
    written = write_summaries(told, stamp, folder)
    deck, workbook, columns = folder / "leadership.pptx", folder / "dashboard.twbx", folder / "dictionary.csv"
    write_deck("Finding the videos that make claims", slides(data, told), stamp, deck)
    if charts := sheets(data):
        write_workbook(charts, TITLE, workbook)
        written.append(workbook)
    write_csv(pa.Table.from_pylist(dictionary.rows()), columns)
    return [*written, deck, columns]


def slides(data: Data, told: dict[str, Summary]) -> list[Slide]:
    """Seven slides whose notes are the talking points."""
    points = dict(talking_points(data))
    known = [row for row in data["claim_statuses"] if row["claim_status"] != "unlabelled"]
    names = [f"{row['claim_status']}s" for row in known]
    authors = [row for row in data["author_statuses"] if row["claim_share"] is not None]
    shares = {
        "claims": [row["claim_share"] for row in authors],
        "opinions": [1 - row["claim_share"] for row in authors],
    }
    return [
        Slide(
            "What was found",
            first_screen.sentences(data),
            points.get("Why we did this", []),
        ),
        Slide(
            claims_and_opinions.view_share(data["claim_statuses"]).removesuffix("."),
            told["exploration"].numbers[1:2],
            points.get("What we saw", []),
            SlideChart(names, {"views": [row["total_views"] or 0 for row in known]}) if known else None,
        ),
        Slide(
            claims_and_opinions.author_finding(data["author_statuses"]).removesuffix("."),
            told["exploration"].does_not_mean,
            points.get("What we worked with", []),
            SlideChart([row["author_ban_status"] for row in authors], shares, is_share=True) if authors else None,
        ),
        _told(told["hypothesis-test"], points.get("Verified accounts", [])),
        _told(told["regression"], [*told["regression"].numbers[1:], *told["regression"].does_not_mean]),
        _told(told["claim-model"], points.get("The model", [])),
        Slide(
            told["backlog"].question,
            [told["backlog"].answer, *told["backlog"].recommendation],
            points.get("What changes for moderators", []),
            _coverage(data),
        ),
    ]


def _told(summary: Summary, notes: list[str]) -> Slide:
    return Slide(summary.question, [summary.answer, *summary.numbers[:1], *summary.recommendation[:1]], notes)


def _coverage(data: Data) -> SlideChart | None:
    """What each order covers at the usual capacity."""
    capacity = review_queue.usual(data["coverage"])
    orders = (review_queue.ARRIVAL, review_queue.VIEWS, review_queue.OURS, review_queue.ORACLE)
    rows = [] if capacity is None else [review_queue.at(data["coverage"], order, capacity) for order in orders]
    found = [row for row in rows if row is not None]
    if not found:
        return None
    percent = [round(100 * row["claim_view_share"], 1) for row in found]
    return SlideChart(
        [review_queue.policy_text(row["policy"]) for row in found],
        {"% of the views of claims": percent},
        number_format=PERCENT,
    )


def sheets(data: Data) -> list[Sheet]:
    """The workbook's charts: counts, and stacked bars by range for each metric, titled with the finding."""
    bins = [row for row in data["bins"] if row["claim_status"] in {"claim", "opinion"}]
    statuses = [row for row in data["all_statuses"] if row["claim_status"] in {"claim", "opinion"}]
    if not bins or not statuses:
        return []
    columns = ["metric", "bin_number", "bin_label", "claim_status", *FILTERS, "video_count"]
    ranges = Source("videos_by_range", "Videos by range", _table(bins, columns))
    totals = Source("videos_by_status", "Videos by status", _table(statuses, ["claim_status", *FILTERS, "video_count"]))
    across = Field("video_count", is_measure=True)
    by_range = [
        Sheet(
            name=metric.capitalize(),
            title=claims_and_opinions.bin_finding(metric, bins),
            source=ranges,
            across=across,
            down=[Field("bin_number"), Field("bin_label")],
            only=("metric", metric),
            filters=FILTERS,
        )
        for metric in METRICS
    ]
    balance = claims_and_opinions.balance(data["claim_statuses"])
    authors = claims_and_opinions.author_finding(data["author_statuses"])
    days = _by_day(data["days"])
    by_day = Sheet(
        "Backlog",
        backlog.pending(data["days"]),
        Source("backlog_by_day", "Backlog by day", days),
        Field("case_count", is_measure=True),
        [Field("day")],
        only=("kind", PENDING),
        colour="kind",
    )
    return [
        Sheet("Counts", balance, totals, across, [Field("claim_status")], filters=FILTERS),
        *by_range,
        Sheet("Author status", authors, totals, across, [Field("author_ban_status")], filters=FILTERS),
        *([by_day] if days.num_rows else []),
    ]


def _by_day(rows: list[Row]) -> pa.Table:
    """One row per day and kind: what was opened, what was closed, and what was pending at the end."""
    kinds = {
        "opened": ("opened_count", "reopened_count"),
        "closed": ("decided_count", "labelled_count"),
        PENDING: ("pending_count",),
    }
    found = [
        (row["day_started_at"].date(), kind, sum(row[name] for name in names))
        for row in rows
        for kind, names in kinds.items()
    ]
    return pa.table({name: [row[place] for row in found] for place, name in enumerate(("day", "kind", "case_count"))})


def _table(rows: list[dict[str, object]], columns: list[str]) -> pa.Table:
    return pa.table({name: [row[name] for row in rows] for name in columns})
