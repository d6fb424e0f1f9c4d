"""The overview: what was found, what has changed, whether the data is sound."""

from reports import charts, numbers
from reports.content import Bullets, Data, Figure, Grid, Page, Section, Table
from reports.sentences import dashboard as say_dashboard
from reports.sentences import overview as say


def build(data: Data, before: Data | None) -> Page:
    """Lay the overview out.

    Args:
        data: Rows of every query.
        before: Rows of the headline queries of the release before, if there is one.
    """
    return Page(
        "index",
        "Overview",
        "Finding the videos that make claims",
        "What was found",
        say.findings(data),
        [
            Section("At a glance", [Grid(_figures(data))]),
            Section("What has changed since the last release", [Bullets(say.changes(data, before))]),
            Section("Data and its health", [Bullets(say.health(data))]),
            Section("Where to read on", [Bullets(READ_ON)]),
        ],
    )


READ_ON = [
    "Dashboard: claims against opinions, with filters.",
    "Data: what every column means, what is missing, which checks were run.",
    "Verified accounts: the test and the regression.",
    "Claim model: what it can do, beside a rule of one line.",
    "Review queue: what an order covers, and the hours it saves.",
    "Project: the proposal, the PACE answers and the talking points.",
]


def _figures(data: Data) -> list[Figure]:
    rows = [row for row in data["claim_statuses"] if row["claim_status"] != "unlabelled"]
    if not rows:
        return []
    videos = [(row["claim_status"], row["video_count"], numbers.count(row["video_count"])) for row in rows]
    views = [(row["claim_status"], row["view_count"] or 0, numbers.count(row["view_count"])) for row in rows]
    return [
        Figure(
            say_dashboard.balance(rows),
            charts.bars(videos, "videos", "overview-videos", "Bars: labelled videos by claim status"),
            say_dashboard.status_counts(data["claim_statuses"]),
        ),
        Figure(
            say_dashboard.view_share(rows).removesuffix("."),
            charts.bars(views, "views", "overview-views", "Bars: views by claim status"),
            "All views of the labelled videos together.",
            Table(
                "Videos and views by claim status",
                ["Claim status", "Videos", "Views", "Median views"],
                [
                    [
                        row["claim_status"],
                        numbers.count(row["video_count"]),
                        numbers.count(row["view_count"]),
                        numbers.quantity(row["median_views"]),
                    ]
                    for row in rows
                ],
            ),
        ),
    ]
