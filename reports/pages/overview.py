"""The overview: what was found, what has changed, whether the data is sound."""

from reports import charts
from reports.content import Bullets, Figure, Grid, Link, Links, Page, Section, Table, figure, number, text
from reports.pages.dashboard import counted_bars
from wording import claims_and_opinions as say_dashboard
from wording import first_screen
from wording import overview as say
from wording.numbers import about, quantity
from wording.rows import Data


def build(data: Data, before: Data | None) -> Page:
    """Lay the overview out.

    Args:
        data: Rows of every query.
        before: Rows of the headline queries of the release before, if there is one.
    """
    summary = first_screen.sentences(data)
    shown = {*summary, say_dashboard.status_counts(data["claim_statuses"])}
    more = [line for line in say.findings(data) if line not in shown]
    return Page(
        name="index",
        label="Overview",
        title="Finding the videos that make claims",
        summary_heading="What was found",
        summary=summary,
        sections=[
            Section("At a glance", [Grid(_figures(data))]),
            Section("Where to read on", [Links(READ_ON)]),
        ],
        appendix=[
            Section("What has changed since the last release", [Bullets(say.changes(data, before))], "changes"),
            Section("Data and its health", [Bullets(say.health(data))], "health"),
            Section("More findings", [Bullets(more)], "findings"),
        ],
    )


READ_ON = (
    Link("dashboard", "Dashboard"),
    Link("queue", "Review queue"),
    Link("verified", "Verified accounts"),
    Link("model", "Claim model"),
    Link("data", "Data"),
    Link("dictionary", "Dictionary"),
    Link("project", "Project"),
)


def _figures(data: Data) -> list[Figure]:
    rows = [row for row in data["claim_statuses"] if row["claim_status"] != "unlabelled"]
    if not rows:
        return []
    columns = [
        text("Claim status", "claim_status"),
        number("Videos", "video_count"),
        number("Views", "total_views"),
        number("Median views", "median_views", quantity),
    ]
    return [
        figure(
            "overview-videos",
            say_dashboard.title(say_dashboard.balance(rows)),
            charts.bars(counted_bars(rows, "claim_status", "video_count"), "videos"),
            say_dashboard.status_counts(data["claim_statuses"]),
        ),
        figure(
            "overview-views",
            say_dashboard.title(say_dashboard.view_share(rows)),
            charts.bars(counted_bars(rows, "claim_status", "total_views", about), "views"),
            table=Table("Videos and views by claim status", columns, rows),
        ),
    ]
