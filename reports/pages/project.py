"""The project's pages: proposal with the state of each deliverable, PACE answers, talking points."""

from markdown_it import MarkdownIt
from markupsafe import Markup

from reports.content import Bullets, Page, Prose, Section, Table, text
from warehouse.settings import ROOT
from wording import overview as say
from wording.rows import Data, Row

DOCS = ROOT / "docs"
# Links in the documents lead from the repository into the current release; inside the release they are neighbours.
_RELEASE = "../var/current/report/"

# Deliverable, PACE stage, page that shows it, query whose rows prove that this release holds it.
DELIVERABLES = (
    ("Project proposal and PACE document", "Plan", "Project", None),
    ("Prepared data with its dictionary", "Analyze", "Data", "columns"),
    ("Dashboard of claims against opinions", "Analyze", "Dashboard", "claim_statuses"),
    ("Statistical test of verified accounts", "Analyze", "Verified accounts", "statistics"),
    ("Regression on verified status with its assumptions", "Construct", "Verified accounts", "regression_performance"),
    ("Claim model beside simpler ones", "Construct", "Claim model", "model_metrics"),
    ("Review queue with its coverage", "Execute", "Review queue", "coverage"),
    ("Talking points for leadership", "Execute", "Talking points", None),
)


def build(data: Data) -> list[Page]:
    """Lay the project's pages out."""
    return [
        Page(
            "project",
            "Project",
            "The project",
            "",
            [],
            [
                Section("Deliverables and their state", [_deliverables(data)]),
                *_document("proposal"),
            ],
        ),
        Page("pace", "PACE", "PACE strategy document", "", [], _document("pace")),
        Page(
            "talking-points",
            "Talking points",
            "Talking points for leadership",
            "",
            [],
            [Section(heading, [Bullets(points)]) for heading, points in say.talking_points(data)],
        ),
    ]


def _deliverables(data: Data) -> Table:
    names = ("deliverable", "stage", "page", "query")
    rows = [dict(zip(names, deliverable, strict=True)) for deliverable in DELIVERABLES]

    def state(row: Row) -> str:
        return "in this release" if row["query"] is None or data[row["query"]] else "no results in this release"

    columns = [text("Deliverable", "deliverable"), text("PACE stage", "stage"), text("Page", "page")]
    return Table("Deliverables of this release", [*columns, text("State", state)], rows)


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
