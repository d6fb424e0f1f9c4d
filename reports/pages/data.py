"""The data page: what was delivered, what it means and how sound it is."""

from reports import charts, numbers
from reports.content import Block, Bullets, Data, Figure, Page, Row, Section, Table, Text
from reports.sentences import delivery as say
from warehouse import contract

# What each delivered column is worth, in words; everything else on the page is read from tables or the contract.
USES = {
    "claim_status": "The label. It is what the claim models learn to tell.",
    "video_id": "The key. Drawn at random, so it says nothing about the video.",
    "video_duration_sec": "Known at once, but much the same in every class.",
    "video_transcription_text": "The words. They tell the classes apart by how they begin, not by what they say.",
    "verified_status": "Known at once. The outcome of the regression and a group that we check for fairness.",
    "author_ban_status": "Known at once. Weighs in the review queue and is checked for fairness.",
    "video_view_count": "Known only after the video has spread. Tells claims from opinions best.",
    "video_like_count": "Known only after the video has spread. Follows the views.",
    "video_share_count": "Known only after the video has spread. Follows the likes.",
    "video_download_count": "Known only after the video has spread. Follows the likes.",
    "video_comment_count": "Known only after the video has spread. Follows the downloads.",
}
DERIVED = {
    "is_labelled": "keeps videos without a label in view",
    "is_claim": "the label as yes or no",
    "is_verified": "the account as yes or no",
    "has_transcription": "says whether there are words to read",
    "transcription_character_count": "a simple measure of the text; differs only through how texts begin",
    "like_rate": "likes per view: does not grow with reach alone",
    "share_rate": "shares per like",
    "download_rate": "downloads per like",
    "comment_rate": "comments per download",
    "is_flagged": "counts that contradict each other",
    "flag_reason": "which rule they break",
}
LEFT_OUT = [
    (
        "The running number in the file (#) and the order of the rows tell the label by accident of sorting. No model"
        " may use them."
    ),
    "The video id is a random number. It is the key and never a feature.",
    "Counts are not known when a video is published. A model that uses them says so.",
]


def build(data: Data) -> Page:
    """Lay the data page out."""
    return Page(
        "data",
        "Data",
        "The data and how sound it is",
        "Executive summary",
        say.summary(data["reconciliation"], data["columns"], data["audits"], data["flags"]),
        [
            Section(
                "What was delivered",
                [_delivery_table(data["reconciliation"]), Text([say.superseded(data["reconciliation"])])],
            ),
            Section("What could not be read", _rejects(data["rejects"])),
            Section("What was repaired", _repairs(data["repairs"])),
            Section("The columns", [_dictionary(data["columns"]), _profile(data["columns"])]),
            Section(
                "What is missing",
                [_missing_figure(data["columns"]), Text([WHO_DECIDES]), _missingness(data["missingness"])],
            ),
            Section("What we added, and why", [_derived()]),
            Section("What matters and what does not", [_uses(data["columns"]), Bullets(LEFT_OUT)]),
            Section("Counts that contradict each other", _flags(data["flags"])),
            Section("Checks", [Text([say.audits(data["audits"])]), _audits(data["audits"])]),
        ],
    )


WHO_DECIDES = (
    "A video without a label is not guessed at: it stays in the tables and goes to a person. "
    "Missing counts are not filled in; averages leave them out."
)


def _delivery_table(rows: list[Row]) -> Table:
    columns = ("record_count", "landed_count", "rejected_count", "current_count", "superseded_count")
    return Table(
        "Records per delivery",
        ["File", "In the file", "Landed", "Rejected", "Current", "Replaced later", "Adds up"],
        [
            [
                row["delivery_file_name"],
                *(numbers.count(row[column]) for column in columns),
                "yes" if row["is_reconciled"] else "no",
            ]
            for row in rows
        ],
    )


def _rejects(rows: list[Row]) -> list[Block]:
    note = Text([say.reject_note(rows)])
    if not rows:
        return [note]
    cells = [
        [row["delivery_file_name"], row["reject_reason"].replace("_", " "), numbers.count(row["row_count"])]
        for row in rows
    ]
    return [note, Table("Rejected records by reason", ["File", "Reason", "Records"], cells)]


def _repairs(rows: list[Row]) -> list[Block]:
    note = Text([say.repair_note(rows)])
    if not rows:
        return [note]
    cells = [
        [
            row["repair_kind"].replace("_", " "),
            row["column_name"],
            numbers.count(row["repaired_count"]),
            row["example_before"] or "–",
            "no value" if row["example_after"] is None else row["example_after"],
            row["delivery_file_name"],
        ]
        for row in rows
    ]
    return [
        note,
        Table(
            "Repairs by kind and column",
            ["Repair", "Column", "Cells", "Example, before", "After", "File"],
            cells,
            is_folded=True,
        ),
    ]


def _missingness(rows: list[Row]) -> Table:
    return Table(
        "Videos without a label, by group",
        [
            "Verified status",
            "Author status",
            "Videos",
            "Without a label",
            "Share",
            "Without counts",
            "Without a transcript",
        ],
        [
            [
                row["verified_status"],
                row["author_ban_status"],
                numbers.count(row["video_count"]),
                numbers.count(row["unlabelled_count"]),
                numbers.share(row["unlabelled_share"]),
                numbers.count(row["missing_engagement_count"]),
                numbers.count(row["missing_transcription_count"]),
            ]
            for row in rows
        ],
    )


def _dictionary(rows: list[Row]) -> Table:
    described = {column.name: column for column in contract.columns("fct_videos")}
    return Table(
        "Data dictionary",
        ["Column", "Type", "Meaning"],
        [[row["column_name"], row["column_type"], described[row["column_name"]].description] for row in rows],
    )


def _profile(rows: list[Row]) -> Table:
    def bound(row: Row, column: str) -> str:
        unit = " characters" if row["column_type"] == "string" else ""
        return f"{numbers.quantity(row[column])}{unit}" if row[column] is not None else numbers.NOTHING

    return Table(
        "Completeness and range of every column (texts: their length)",
        ["Column", "Values", "Missing", "Distinct", "Smallest", "Largest", "Mean", "Median", "Standard deviation"],
        [
            [
                row["column_name"],
                numbers.count(row["non_null_count"]),
                numbers.count(row["null_count"]),
                numbers.count(row["distinct_count"]),
                bound(row, "minimum"),
                bound(row, "maximum"),
                bound(row, "mean"),
                bound(row, "median"),
                bound(row, "standard_deviation"),
            ]
            for row in rows
        ],
    )


def _missing_figure(rows: list[Row]) -> Figure:
    values = [
        (row["column_name"].removeprefix("video_"), row["null_count"], numbers.count(row["null_count"])) for row in rows
    ]
    return Figure(
        say.missing(rows).removesuffix("."),
        charts.bars(values, "videos without a value", "missing", "Bars: missing values by column"),
        say.missing(rows),
        Table(
            "Missing values by column",
            ["Column", "Missing", "Share of videos"],
            [
                [
                    row["column_name"],
                    numbers.count(row["null_count"]),
                    numbers.share(row["null_count"] / row["video_count"] if row["video_count"] else None),
                ]
                for row in rows
            ],
        ),
    )


def _derived() -> Table:
    described = {column.name: column for column in contract.columns("fct_videos")}
    return Table(
        "Derived columns",
        ["Column", "Meaning", "Why"],
        [[name, described[name].description, f"{why[:1].upper()}{why[1:]}."] for name, why in DERIVED.items()],
    )


def _uses(rows: list[Row]) -> Table:
    cells = [[row["column_name"], USES.get(row["column_name"], "Not used.")] for row in rows]
    return Table("What each delivered column is good for", ["Column", "Use"], cells)


def _flags(rows: list[Row]) -> list[Block]:
    note = Text([say.flags(rows)])
    if not rows:
        return [note]
    return [
        note,
        Table(
            "Flagged videos",
            ["Contradiction", "Videos"],
            [[row["flag_reason"], numbers.count(row["row_count"])] for row in rows],
        ),
    ]


def _audits(rows: list[Row]) -> Table:
    return Table(
        "Every check of the audits",
        ["Expectation", "Boundary", "Table", "Column", "Severity", "Met", "Rows checked", "Rows that broke it"],
        [
            [
                row["expectation"],
                row["boundary"],
                row["table_name"],
                row["column_name"] or "–",
                row["severity"],
                "yes" if row["is_successful"] else "no",
                numbers.count(row["checked_count"]),
                numbers.count(row["unexpected_count"]),
            ]
            for row in rows
        ],
        is_folded=True,
    )
