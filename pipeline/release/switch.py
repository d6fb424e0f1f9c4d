"""Published releases: the switch to one, the way back, and the proof that one is whole."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from pipeline.release.manifest import (
    MANIFEST,
    Manifest,
    audits_of,
    contents_of,
    deliveries_of,
    differences,
    read_any_manifest,
    read_manifest,
    table_checksums,
)
from pipeline.state import durable, journal
from pipeline.state.locks import only_switch
from warehouse.duckdb_engine import connect_release
from warehouse.errors import ClaimsError, DataError, UsageError, WarehouseError
from warehouse.settings import Settings

# Differences that a message names.
SHOWN = 5


def publish(settings: Settings, staged: Path) -> Path:
    """Make a staged release the current one and remove the oldest beyond the number and the age that are kept.

    Args:
        settings: Where releases stand and how many stay.
        staged: A complete folder, made by `stage_release`.

    Returns:
        The published folder.
    """
    release_id = read_manifest(staged).release_id
    durable.sync_tree(staged)
    release = settings.releases / release_id
    with only_switch(settings):
        # A folder that is read-only itself cannot be moved by its owner.
        closed = staged.stat().st_mode
        staged.chmod(0o700)
        staged.rename(release)
        release.chmod(closed)
        durable.sync(settings.releases)
        switch(settings, release_id)
        listed = list_releases(settings)
        for old in {*listed[settings.releases_kept :], *expired(settings, listed)} - {release_id}:
            retire(settings, settings.releases / old)
    return release


def switch(settings: Settings, release_id: str) -> None:
    """Point `current` at a release in one rename; hold `only_switch` meanwhile."""
    link = journal.reserve(settings, "current", settings.home)
    link.symlink_to(Path(settings.releases.name) / release_id)
    link.replace(settings.current)
    durable.sync(settings.home)


def retire(settings: Settings, release: Path) -> None:
    """Take a release away at once, then remove it; who has it open reads on."""
    retired = journal.reserve(settings, "retired")
    release.chmod(0o755)
    release.rename(retired)
    durable.remove(retired)


def rollback(settings: Settings, release_id: str | None) -> str:
    """Switch back to an earlier release.

    Args:
        settings: Where releases stand.
        release_id: The release; the one before the current one when None.

    Returns:
        The release that is current now.

    Raises:
        DataError: The release does not match its manifest; the current one stays.
        UsageError: There is no such release.
        WarehouseError: Nothing has been published.
    """
    with only_switch(settings):
        if release_id is None:
            release_id = release_before(settings, current_release(settings))
            if release_id is None:
                raise UsageError("There is no release before the current one. See `claims releases`.")
        verify(settings, release_id)
        switch(settings, release_id)
    return release_id


def list_releases(settings: Settings) -> list[str]:
    """Ids of the published releases, newest first; a folder without our manifest is none, and nobody's to remove."""
    names = (path.parent.name for path in settings.releases.glob(f"*/{MANIFEST}") if _is_own(path.parent))
    return sorted(names, key=_order, reverse=True)


def _is_own(folder: Path) -> bool:
    """Whether a manifest, of this format or an earlier one, says that it is this folder's."""
    try:
        document = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(document, dict) and document.get("release_id") == folder.name


def expired(settings: Settings, release_ids: Sequence[str], now: datetime | None = None) -> list[str]:
    """The releases that are older than the settings let them grow, the current one among them.

    Args:
        settings: How many days releases stay.
        release_ids: As `list_releases` gives them; one whose id tells no time is none.
        now: The moment; the clock's by default.

    Returns:
        Some of them, in their order; none where no number of days is set.
    """
    if settings.releases_kept_days is None:
        return []
    oldest = (now or datetime.now(UTC)) - timedelta(days=settings.releases_kept_days)
    limit = f"{oldest:%Y%m%dT%H%M%SZ}"
    staged = {name: re.search(r"(?:^|-)(\d{8}T\d{6}Z)", name) for name in release_ids}
    return [name for name, found in staged.items() if found and found[1] < limit]


def release_before(settings: Settings, release_id: str) -> str | None:
    """The release that was published before another, if it is still kept."""
    return next((name for name in list_releases(settings) if _order(name) < _order(release_id)), None)


def next_sequence_number(settings: Settings) -> int:
    """The number of a release that is published after all others."""
    return max((_order(path.name)[0] for path in settings.releases.glob("*")), default=0) + 1


def _order(release_id: str) -> tuple[int, str]:
    """An id begins with the sequence number; those of earlier versions have none and come first."""
    numbered = re.match(r"(\d{6,})-", release_id)
    return (int(numbered[1]) if numbered else 0, release_id)


def current_release(settings: Settings) -> str:
    """Id of the release that readers use.

    Raises:
        WarehouseError: Nothing has been published.
    """
    if not settings.current.exists():
        raise WarehouseError(f"Nothing has been published yet in {settings.home}. Run `claims run` first.")
    return settings.current.resolve().name


def verify(settings: Settings, release_id: str | None) -> Manifest:
    """Compare a release with its manifest: every table, file, folder, mode and link, and what the tables say.

    Args:
        settings: Where releases stand.
        release_id: The release; the current one when None.

    Returns:
        Its manifest.

    Raises:
        DataError: Something differs; the message names the first few.
        UsageError: There is no such release.
        WarehouseError: The release cannot be read.
    """
    release_id = release_id or current_release(settings)
    if release_id not in {path.name for path in settings.releases.glob("*") if path.is_dir()}:
        raise UsageError(f"There is no release {release_id}. See `claims releases`.")
    remedy = "Switch to another release with `claims rollback`, or publish anew."
    try:
        manifest, is_genuine = read_any_manifest(settings.releases / release_id)
        found = list(_differences(settings, release_id, manifest))
    except ClaimsError as error:
        raise WarehouseError(f"{error} {remedy}") from error
    except (duckdb.Error, OSError) as error:
        raise WarehouseError(f"Release {release_id} cannot be read: {error}. {remedy}") from error
    if not is_genuine:
        found.insert(0, "manifest.json was changed after it was written")
    if found:
        more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise DataError(f"Release {release_id}: {'; '.join(found[:SHOWN])}{more}. {remedy}")
    return manifest


def _differences(settings: Settings, release_id: str, manifest: Manifest) -> Iterator[str]:
    if manifest.release_id != release_id:
        yield f"it was published as {manifest.release_id}"
    release = settings.releases / release_id
    folders, files = contents_of(release)
    yield from differences(manifest.folders, folders)
    yield from differences(manifest.files, files)
    if files.get("claims.duckdb") != manifest.files.get("claims.duckdb"):
        return  # it is named; whether it opens at all is not known
    with connect_release(release, settings) as connection:
        yield from differences(manifest.tables, table_checksums(connection))
        deliveries, audits = deliveries_of(connection), audits_of(connection)
    yield from (f"deliveries of {difference}" for difference in differences(manifest.deliveries, deliveries))
    yield from (f"audit of {difference}" for difference in differences(manifest.audits, audits))
