"""`claims report`: renders the pages of a release from its tables."""

import os
from pathlib import Path

import pyarrow as pa
from markupsafe import Markup

from reports import queries
from reports.content import Page, Stamp, Table
from reports.handouts.write import write_handouts
from reports.pages import dashboard, dictionary, overview, project, queue, verified
from reports.pages import data as data_page
from reports.pages import model as model_page
from warehouse.csv_export import write_csv
from warehouse.protocol import Engine
from warehouse.settings import Settings
from web.pages import TABLES, asset, content_policy, environment, style
from wording import delivery
from wording.rows import Data

TEMPLATES = Path(__file__).parent / "templates"
TEXT_SUFFIX = "-text"
MINUTES_PER_REVIEW: float = Settings.model_fields["minutes_per_review"].default


def build_site(
    engine: Engine,
    folder: Path,
    before: Data | None = None,
    *,
    stamp: Stamp | None = None,
    minutes_per_review: float = MINUTES_PER_REVIEW,
    handouts: Path | None = None,
) -> list[Path]:
    """Render every page into a folder, once with charts and once as short large text, and the CSV of every table.

    Args:
        engine: A release.
        folder: Made when absent.
        before: Rows of the headline queries of the release before it, for what has changed since.
        stamp: Which release it is.
        minutes_per_review: The assumption behind hours of review.
        handouts: Folder for what people take along; made when absent, linked from the pages.

    Returns:
        The files written.
    """
    data = queries.load(engine)
    origin = delivery.origin(data["reconciliation"], data["robustness"])
    taken = write_handouts(data, handouts, stamp, minutes_per_review) if handouts else []
    link = Path(os.path.relpath(handouts, folder)).as_posix() if handouts else ""
    pages = build_pages(data, before, minutes_per_review, link)
    return [*write_pages(pages, folder, stamp=stamp, origin=origin), *taken]


def build_pages(data: Data, before: Data | None, minutes_per_review: float, handouts: str = "") -> list[Page]:
    """Lay out every page from the rows of the named queries.

    Args:
        data: Rows of every query.
        before: Rows of the headline queries of the release before, if there is one.
        minutes_per_review: The assumption behind hours of review.
        handouts: Where the handouts lie, seen from the pages; empty where there are none.
    """
    return [
        overview.build(data, before),
        dashboard.build(data),
        data_page.build(data),
        verified.build(data),
        model_page.build(data),
        queue.build(data, minutes_per_review),
        dictionary.build(),
        *project.build(data, handouts),
    ]


def write_pages(pages: list[Page], folder: Path, *, stamp: Stamp | None = None, origin: str = "") -> list[Path]:
    """Render pages into self-contained files; the content policy allows their own style and script and nothing else.

    Args:
        pages: What they hold.
        folder: Made when absent.
        stamp: Which release they belong to, shown on each.
        origin: Where its data comes from, in a sentence.

    Returns:
        The files written.
    """
    (folder / "csv").mkdir(parents=True, exist_ok=True)
    template = environment(TEMPLATES).get_template("page.html")
    written = []
    for page in pages:
        for is_text_only in (False, True):
            script = Markup() if is_text_only else _script(page)
            text = template.render(
                page=page,
                pages=pages,
                stamp=stamp,
                origin=origin,
                is_text_only=is_text_only,
                suffix=TEXT_SUFFIX if is_text_only else "",
                text_suffix=TEXT_SUFFIX,
                style=style(),
                script=script,
                policy=content_policy(style(), script),
            )
            path = folder / f"{page.name}{TEXT_SUFFIX if is_text_only else ''}.html"
            path.write_text(text, encoding="utf-8")
            written.append(path)
        for table in page.tables():
            path = folder / "csv" / f"{page.name}-{table.anchor}.csv"
            write_csv(_as_arrow(table), path)
            written.append(path)
    return written


def _script(page: Page) -> Markup:
    """What a page needs: choices where it has any, and its tables' tools."""
    has_choices = any(block.kind in {"filtered", "calculator"} for section in page.sections for block in section.blocks)
    needs_tools = any(table.is_folded or table.is_searchable for table in page.tables()) or page.appendix
    parts = ([asset(TEMPLATES / "page.js")] if has_choices else []) + ([asset(TABLES)] if needs_tools else [])
    return Markup().join(parts)


def _as_arrow(table: Table) -> pa.Table:
    """The table's values as the warehouse holds them, under the warehouse's names where they are columns."""
    names = [column.value if isinstance(column.value, str) else column.header for column in table.columns]
    return pa.Table.from_arrays([_array([column.of(row) for row in table.rows]) for column in table.columns], names)


def _array(values: list[object]) -> pa.Array:
    """Values of one type; texts where they are of several."""
    try:
        array = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        array = pa.array([None if value is None else str(value) for value in values])
    return array.cast(pa.string()) if pa.types.is_null(array.type) else array
