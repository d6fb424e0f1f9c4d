"""The project's pages: proposal with the state of each deliverable, PACE answers, talking points."""

import csv
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

from reports.content import Bullets, Link, Links, Page, Prose, Section, Table, number, text
from warehouse.settings import ROOT
from wording import overview as say
from wording.rows import Data, Row

DOCS = ROOT / "docs"
# Links in the documents lead from the repository into the current release; inside the release they are neighbours.
_RELEASE = "../var/current/report/"

PLAN = Path(__file__).parents[1] / "plan.csv"
"""Every task with its owner's role, effort, due week and PACE stage, the deliverable, where it is found, and the query
whose rows prove that this release holds it."""


def build(data: Data, handouts: str = "") -> list[Page]:
    """Lay the project's pages out.

    Args:
        data: Rows of every query.
        handouts: Where the handouts lie, seen from the pages; empty where none were written.
    """
    return [
        Page(
            name="project",
            label="Project",
            title="The project",
            summary_heading="",
            summary=[],
            sections=[
                Section("Deliverables and milestones, task by task", [_plan(data, handouts)], "deliverables"),
                Section("What to take along", [Links(take_along(handouts))], "handouts"),
            ],
            appendix=_document("proposal"),
        ),
        Page(
            name="pace",
            label="PACE",
            title="PACE strategy document",
            summary_heading="",
            summary=[],
            sections=_document("pace"),
        ),
        Page(
            name="talking-points",
            label="Talking points",
            title="Talking points for leadership",
            summary_heading="",
            summary=[],
            sections=[Section(heading, [Bullets(points)]) for heading, points in say.talking_points(data)],
        ),
    ]


def take_along(handouts: str) -> list[Link]:
    """Links to every handout; without any, to the pages that say the same."""
    if not handouts:
        return [Link("talking-points", "Talking points", "handouts are written with each release")]
    with PLAN.open(encoding="utf-8", newline="") as file:
        files = [row for row in csv.DictReader(file) if row["target"].startswith("handouts/")]
    return [
        *(Link(_found(row["target"], handouts), row["deliverable"], row["milestone"]) for row in files),
        Link(f"{handouts}/dictionary.csv", "Dictionary as CSV", "every column of every public table"),
    ]


def _found(target: str, handouts: str) -> str:
    return target.replace("handouts", handouts, 1) if target.startswith("handouts/") else target


def _plan(data: Data, handouts: str) -> Table:
    """State is read from the release: a task without results is open."""
    with PLAN.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if handouts or not row["target"].startswith("handouts/")]

    def state(row: Row) -> str:
        return "in this release" if not row["query"] or data[row["query"]] else "no results in this release"

    deliverable = text("Deliverable", "deliverable")._replace(link=lambda row: _found(row["target"], handouts))
    columns = [
        deliverable,
        text("Task", "task"),
        text("Milestone", "milestone"),
        text("Owner", "owner"),
        number("Effort in days", "effort_days", str),
        number("Due in week", "due_week", str),
        text("PACE stage", "stage"),
        text("State", state),
    ]
    return Table("Every deliverable of the project", columns, rows)


def _document(name: str) -> list[Section]:
    """One section per second-level heading of a Markdown document."""
    source = (DOCS / f"{name}.md").read_text(encoding="utf-8").replace(_RELEASE, "")
    sections = source.split("\n## ")[1:]
    # "js-default" refuses HTML in the source.
    renderer = MarkdownIt("js-default")
    found = []
    for section in sections:
        heading, _, body = section.partition("\n")
        html = (
            renderer.render(body).replace("<table>", TABLE_OPEN.format(heading)).replace("</table>", "</table></div>")
        )
        html = html.replace("<th>", '<th scope="col">').replace("<th style", '<th scope="col" style')
        found.append(Section(heading, [Prose(Markup(html))]))  # noqa: S704  # rendered from our own documents, HTML in them escaped
    return found


TABLE_OPEN = '<div class="scroll" role="group" aria-label="{}" tabindex="0"><table>'
