"""Published releases: the switch to one, the way back, and the proof that one is whole."""

import json
from pathlib import Path
from typing import Any

import duckdb

from pipeline.release.manifest import MANIFEST, compare, file_checksums, read_manifest, table_checksums
from pipeline.state import durable, home, journal
from pipeline.state.locks import only_switch
from warehouse.duckdb_engine import connect_release
from warehouse.errors import UsageError, WarehouseError
from warehouse.settings import Settings


def publish(settings: Settings, staged: Path) -> Path:
    """Make a staged release the current one and remove the oldest beyond the number that is kept.

    Args:
        settings: Where releases stand and how many stay.
        staged: A complete folder, made by `stage_release`.

    Returns:
        The published folder.
    """
    release_id: str = read_manifest(staged)["release_id"]
    durable.sync_tree(staged)
    release = settings.releases / release_id
    with only_switch(settings):
        staged.rename(release)
        # After the rename: a folder that is read-only itself cannot be moved by its owner.
        durable.make_read_only(release, home.readers_group(settings))
        durable.sync(settings.releases)
        switch(settings, release_id)
        for old in list_releases(settings)[settings.releases_kept :]:
            if old != release_id:
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
            current = current_release(settings)
            earlier = [name for name in list_releases(settings) if name < current]
            if not earlier:
                raise UsageError("There is no release before the current one. See `claims releases`.")
            release_id = earlier[0]
        verify(settings, release_id)
        switch(settings, release_id)
    return release_id


def list_releases(settings: Settings) -> list[str]:
    """Ids of the published releases, newest first; a folder without our manifest is none, and nobody's to remove."""
    return sorted(
        (path.parent.name for path in settings.releases.glob(f"*/{MANIFEST}") if _is_own(path.parent)), reverse=True
    )


def _is_own(folder: Path) -> bool:
    try:
        return bool(read_manifest(folder)["release_id"] == folder.name)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def current_release(settings: Settings) -> str:
    """Id of the release that readers use.

    Raises:
        WarehouseError: Nothing has been published.
    """
    if not settings.current.exists():
        raise WarehouseError(f"Nothing has been published yet in {settings.home}. Run `claims run` first.")
    return settings.current.resolve().name


def require_outside(settings: Settings, folder: Path) -> None:
    """Refuse to write into a published release.

    Raises:
        UsageError: The folder lies inside one.
    """
    if folder.resolve().is_relative_to(settings.releases.resolve()):
        raise UsageError(f"{folder} lies inside a release, which never changes. Choose another --output.")


def verify(settings: Settings, release_id: str | None) -> dict[str, Any]:
    """Recompute the checksums of a release: of every table, and of every file.

    Args:
        settings: Where releases stand.
        release_id: The release; the current one when None.

    Returns:
        Its manifest.

    Raises:
        DataError: A table or a file differs from the manifest.
        UsageError: There is no such release.
        WarehouseError: The release cannot be read.
    """
    release_id = release_id or current_release(settings)
    if release_id not in {path.name for path in settings.releases.glob("*") if path.is_dir()}:
        raise UsageError(f"There is no release {release_id}. See `claims releases`.")
    release = settings.releases / release_id
    try:
        manifest = read_manifest(release)
        compare(release_id, manifest["files"], file_checksums(release))
        with connect_release(release, settings) as connection:
            compare(release_id, manifest["tables"], table_checksums(connection))
    except (duckdb.Error, OSError, KeyError, json.JSONDecodeError) as error:
        raise WarehouseError(
            f"Release {release_id} cannot be read: {error}. Switch to another with `claims rollback`, or publish anew."
        ) from error
    return manifest
