"""The data page: what was delivered, what it means and how sound it is."""

from reports import charts
from reports.content import (
    Block,
    Bullets,
    Column,
    Figure,
    Page,
    Section,
    Table,
    Text,
    figure,
    number,
    text,
    words,
    yes_no,
)
from warehouse import contract
from wording import column_uses, numbers
from wording import delivery as say
from wording.names import column
from wording.numbers import quantity, share
from wording.rows import Data, Row

# Why each other column was added; which columns there are is read from the contract.
REASONS = {
    "label": "the newest word on the video: delivered, or decided by a person",
    "label_source": "says which of the two it is",
    "labelled_at": "says since when, where that is known",
    "is_labelled": "keeps videos without a label in view",
    "is_claim": "the label as yes or no",
    "is_verified": "the account as yes or no",
    "has_transcription": "says whether there are words to read",
    "transcription_character_count": "a simple measure of the text",
    "like_rate": "likes per view: does not grow with reach alone",
    "share_rate": "shares per like",
    "download_rate": "downloads per like",
    "comment_rate": "comments per download",
    "is_flagged": "counts that contradict each other",
    "flag_reason": "which rule they break",
}


def build(data: Data) -> Page:
    """Lay the data page out."""
    flagged = data["flags"]
    return Page(
        name="data",
        label="Data",
        title="The data and how sound it is",
        summary_heading="Executive summary",
        summary=say.summary(data["reconciliation"], data["columns"], data["audits"], flagged, data["robustness"]),
        sections=[
            Section(
                "What was delivered",
                [_delivery_table(data["reconciliation"]), Text([say.superseded(data["reconciliation"])])],
            ),
            Section("What could not be read", _rejects(data["rejects"]), "rejected"),
            Section(
                "What is missing",
                [
                    _missing_figure(data["columns"]),
                    Text(_who_decides(data)),
                    _missingness(data["missingness"]),
                ],
                "missing",
            ),
            Section(
                "What matters and what does not",
                [_uses(data), Bullets(column_uses.left_out(data["robustness"]))],
                "uses",
            ),
            *([Section("Counts that contradict each other", [_flags(flagged)], "contradictions")] if flagged else []),
        ],
        appendix=[
            Section("Types, ranges and completeness of every column", [_profile(data["columns"])], "profile"),
            Section("What we added, and why", [_derived()], "derived"),
            Section("What was repaired", _repairs(data["repairs"]), "repairs"),
            Section("Every check", [_audits(data["audits"])], "audits"),
        ],
    )


def _who_decides(data: Data) -> list[str]:
    told = say.unlabelled(data["statistics"], data["unlabelled"], data["model_metrics"])
    return [WHO_DECIDES, *([told] if told else [])]


WHO_DECIDES = (
    "A video without a label is not guessed at: it stays in the tables and goes to a person. "
    "Missing counts are not filled in; averages leave them out."
)


def derived() -> list[str]:
    """Columns of the videos' mart that no delivery holds."""
    delivered = {column.name for column in contract.columns("stg_tiktok__videos")}
    return [
        column.name
        for column in contract.columns("fct_videos")
        if column.name not in delivered and not column.name.startswith("delivery_")
    ]


def _described() -> dict[str, str]:
    return {column.name: column.description for column in contract.columns("fct_videos")}


def _delivery_table(rows: list[Row]) -> Table:
    return Table(
        "Records per delivery",
        [
            text("File", "delivery_file_name"),
            number("In the file", "record_count"),
            number("Landed", "landed_count"),
            number("Rejected", "rejected_count"),
            number("Current", "current_count"),
            number("Replaced later", "superseded_count"),
            text("Adds up", "is_reconciled", yes_no),
        ],
        rows,
    )


def _rejects(rows: list[Row]) -> list[Block]:
    note = Text([say.reject_note(rows)])
    file, reason = text("File", "delivery_file_name"), text("Reason", "reject_reason", words)
    table = Table("Rejected records by reason", [file, reason, number("Records", "row_count")], rows)
    return [note, table] if rows else [note]


def _repairs(rows: list[Row]) -> list[Block]:
    note = Text([say.repair_note(rows)])
    if not rows:
        return [note]
    columns = [
        text("Repair", "repair_kind", words),
        text("Column", "column_name"),
        number("Cells", "repaired_count"),
        text("Example, before", "example_before"),
        text("After", lambda row: "no value" if row["example_after"] is None else row["example_after"]),
        text("File", "delivery_file_name"),
    ]
    return [note, Table("Repairs by kind and column", columns, rows)]


def _missingness(rows: list[Row]) -> Table:
    return Table(
        "Videos without a label, by group",
        [
            text("Verified status", "verified_status"),
            text("Author status", "author_ban_status"),
            number("Videos", "video_count"),
            number("Without a label", "unlabelled_count"),
            number("Share", "unlabelled_share", share),
            number("Without counts", "missing_engagement_count"),
            number("Without a transcript", "missing_transcription_count"),
        ],
        rows,
    )


def _profile(rows: list[Row]) -> Table:
    def bound(row: Row) -> Row:
        unit = " characters" if row["column_type"] == "string" else ""
        measured = ("minimum", "maximum", "mean", "median", "standard_deviation")
        return {name: None if row[name] is None else f"{quantity(row[name])}{unit}" for name in measured}

    def measure(header: str, name: str) -> Column:
        return number(header, lambda row: bound(row)[name], lambda value: value or numbers.NOTHING)

    return Table(
        "Completeness and range of every column (texts: their length)",
        [
            text("Column", "column_name"),
            text("Type", "column_type"),
            number("Values", "non_null_count"),
            number("Missing", "null_count"),
            number("Distinct", "distinct_count"),
            measure("Smallest", "minimum"),
            measure("Largest", "maximum"),
            measure("Mean", "mean"),
            measure("Median", "median"),
            measure("Standard deviation", "standard_deviation"),
        ],
        rows,
    )


def _missing_figure(rows: list[Row]) -> Figure:
    values = [(column(row["column_name"]), row["null_count"], numbers.count(row["null_count"])) for row in rows]
    columns = [
        text("Column", "column_name", column),
        number("Missing", "null_count"),
        number(
            "Share of videos",
            lambda row: row["null_count"] / row["video_count"] if row["video_count"] else None,
            share,
        ),
    ]
    return figure(
        "missing",
        say.gaps(rows),
        charts.bars(values, "videos without a value"),
        table=Table("Missing values by column", columns, rows),
    )


def _derived() -> Table:
    described = _described()
    return Table(
        "Derived columns",
        [text("Column", "name"), text("Meaning", lambda row: described[row["name"]]), text("Why", "why")],
        [{"name": name, "why": f"{REASONS[name][:1].upper()}{REASONS[name][1:]}."} for name in derived()],
    )


def _uses(data: Data) -> Table:
    use = text("Use", lambda row: column_uses.use(row["column_name"], data["robustness"]))
    return Table(
        "What each delivered column is good for", [text("Column", "column_name", column), use], data["columns"]
    )


def _flags(rows: list[Row]) -> Table:
    return Table("Flagged videos", [text("Contradiction", "flag_reason"), number("Videos", "row_count")], rows)


def _audits(rows: list[Row]) -> Table:
    return Table(
        "Every check of the audits",
        [
            text("Expectation", "expectation"),
            text("Boundary", "boundary"),
            text("Table", "table_name"),
            text("Column", "column_name"),
            text("Severity", "severity"),
            text("Met", "is_successful", yes_no),
            number("Rows checked", "checked_count"),
            number("Rows that broke it", "unexpected_count"),
        ],
        rows,
    )
