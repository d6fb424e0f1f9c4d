"""The report of a release, beside the release that it is compared with."""

from pathlib import Path

import duckdb

from pipeline.release.switch import current_release, release_before
from pipeline.state.outputs import require_writable
from reports import queries
from reports.site import build_site
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.protocol import Engine
from warehouse.settings import Settings
from wording.rows import Data


def build_site_of(engine: Engine, settings: Settings, folder: Path) -> list[Path]:
    """Render the pages and handouts of a release that is about to be published, compared with the current one.

    Args:
        engine: The release.
        settings: Where the current release is, if there is one.
        folder: Where the pages go.
    """
    previous = settings.current.resolve() if settings.current.exists() else None
    return _build(engine, settings, previous, folder, folder.parent / "handouts")


def rebuild_site(settings: Settings, folder: Path | None, *, is_forced: bool = False) -> list[Path]:
    """Render the pages of the current release again, compared with the one before it.

    Args:
        settings: Where the releases are.
        folder: Where the pages go; `report` in the home when None.
        is_forced: Replace pages that are there.

    Raises:
        UsageError: Nothing has been published, the folder lies in the home, or it holds pages.
    """
    release_id = current_release(settings)
    if folder is not None:
        require_writable(settings, folder / "index.html", is_forced=is_forced)
    folder = folder or settings.home / "report"
    earlier = release_before(settings, release_id)
    previous = settings.releases / earlier if earlier else None
    with DuckDBEngine.open_release(settings, settings.releases / release_id) as engine:
        return _build(engine, settings, previous, folder, folder / "handouts")


def _build(engine: Engine, settings: Settings, previous: Path | None, folder: Path, handouts: Path) -> list[Path]:
    before = _headlines(settings, previous) if previous is not None else None
    return build_site(engine, folder, before, minutes_per_review=settings.minutes_per_review, handouts=handouts)


def _headlines(settings: Settings, release: Path) -> Data | None:
    """What a release said; None where its tables are of another shape, as those of an older version may be."""
    try:
        with DuckDBEngine.open_release(settings, release) as engine:
            return queries.load(engine, queries.HEADLINES)
    except duckdb.Error:
        return None
