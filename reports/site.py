"""`claims report`: renders the pages of a release from its tables."""

from pathlib import Path

from reports import queries
from reports.content import Page
from reports.pages import dashboard, overview, project, queue, verified
from reports.pages import data as data_page
from reports.pages import model as model_page
from warehouse.protocol import Engine
from warehouse.settings import Settings
from web.pages import asset, content_policy, environment, style
from wording.rows import Data

TEMPLATES = Path(__file__).parent / "templates"
TEXT_SUFFIX = "-text"
MINUTES_PER_REVIEW: float = Settings.model_fields["minutes_per_review"].default


def build_site(
    engine: Engine, folder: Path, before: Data | None = None, *, minutes_per_review: float = MINUTES_PER_REVIEW
) -> list[Path]:
    """Render every page into a folder, once with charts and once as large text.

    Args:
        engine: A release.
        folder: Made when absent.
        before: Rows of the headline queries of the release before it, for what has changed since.
        minutes_per_review: The assumption behind hours of review.

    Returns:
        The files written.
    """
    data = queries.load(engine)
    return write_pages(build_pages(data, before, minutes_per_review), folder)


def build_pages(data: Data, before: Data | None, minutes_per_review: float) -> list[Page]:
    """Lay out every page from the rows of the named queries.

    Args:
        data: Rows of every query.
        before: Rows of the headline queries of the release before, if there is one.
        minutes_per_review: The assumption behind hours of review.
    """
    return [
        overview.build(data, before),
        dashboard.build(data),
        data_page.build(data),
        verified.build(data),
        model_page.build(data),
        queue.build(data, minutes_per_review),
        *project.build(data),
    ]


def write_pages(pages: list[Page], folder: Path) -> list[Path]:
    """Render pages into self-contained files; the content policy allows their own style and script and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    template = environment(TEMPLATES).get_template("page.html")
    written = []
    for page in pages:
        for is_text_only in (False, True):
            script = "" if is_text_only or not _has_choices(page) else asset(TEMPLATES / "page.js")
            text = template.render(
                page=page,
                pages=pages,
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
    return written


def _has_choices(page: Page) -> bool:
    return any(block.kind in {"filtered", "calculator"} for section in page.sections for block in section.blocks)
