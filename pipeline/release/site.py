"""The report of a release, beside the release that it is compared with."""

from pathlib import Path

import duckdb

from pipeline.release.build import Staged
from pipeline.release.manifest import read_manifest
from pipeline.release.switch import current_release, release_before
from pipeline.state.outputs import require_writable
from reports import queries
from reports.content import Stamp
from reports.site import build_site
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.protocol import Engine
from warehouse.settings import Settings
from wording.rows import Data


def build_site_of(staged: Staged, settings: Settings) -> list[Path]:
    """Render the pages and handouts of a release that is about to be published, compared with the current one.

    Args:
        staged: The release.
        settings: Where the current release is, if there is one.
    """
    previous = settings.current.resolve() if settings.current.exists() else None
    stamp = Stamp(staged.release_id, staged.staged_at)
    return _build(
        engine=staged.engine,
        settings=settings,
        stamp=stamp,
        previous=previous,
        folder=staged.folder / "report",
        handouts=staged.folder / "handouts",
    )


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
    release = settings.releases / release_id
    stamp = Stamp(release_id, read_manifest(release).staged_at)
    with DuckDBEngine.open_release(settings, release) as engine:
        return _build(
            engine=engine,
            settings=settings,
            stamp=stamp,
            previous=previous,
            folder=folder,
            handouts=folder / "handouts",
        )


def _build(
    engine: Engine, settings: Settings, stamp: Stamp, previous: Path | None, folder: Path, handouts: Path
) -> list[Path]:
    before = _headlines(settings, previous) if previous is not None else None
    minutes = settings.minutes_per_review
    return build_site(engine, folder, before, stamp=stamp, minutes_per_review=minutes, handouts=handouts)


def _headlines(settings: Settings, release: Path) -> Data | None:
    """What a release said; None where its tables are of another shape, as those of an older version may be."""
    try:
        with DuckDBEngine.open_release(settings, release) as engine:
            return queries.load(engine, queries.HEADLINES)
    except duckdb.Error:
        return None
