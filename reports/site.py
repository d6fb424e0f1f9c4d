"""`claims report`: renders the pages of a release from its tables."""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports import queries
from reports.content import Data, Page
from reports.pages import dashboard, overview, project, queue, verified
from reports.pages import data as data_page
from reports.pages import model as model_page
from warehouse.protocol import Engine
from warehouse.settings import Settings

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
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("page.html")
    style, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("style.css", "page.js"))
    written = []
    for page in pages:
        for is_text_only in (False, True):
            own_script = "" if is_text_only or not _has_choices(page) else script
            text = template.render(
                page=page,
                pages=pages,
                is_text_only=is_text_only,
                suffix=TEXT_SUFFIX if is_text_only else "",
                text_suffix=TEXT_SUFFIX,
                style=Markup(style),  # noqa: S704  # our own files
                script=Markup(own_script),  # noqa: S704
                policy=_policy(style, own_script),
            )
            path = folder / f"{page.name}{TEXT_SUFFIX if is_text_only else ''}.html"
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


def _has_choices(page: Page) -> bool:
    return any(block.kind in {"filtered", "calculator"} for section in page.sections for block in section.blocks)


def _policy(style: str, script: str) -> str:
    """A content security policy that names the hash of what may run."""
    allowed = f"script-src {_hash(script)}; " if script else ""
    return f"default-src 'none'; {allowed}style-src {_hash(style)}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
