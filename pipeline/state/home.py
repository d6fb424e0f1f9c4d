"""Whose folder the home is: a marker says so, and a folder without one is not touched.

Inside, what a run keeps for itself is closed to other accounts; the releases are open to readers.
"""

import errno
import grp
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.state import durable, ledger
from warehouse.errors import UsageError, WarehouseError
from warehouse.settings import Settings, code_version

MARKER = "claims-home.json"
FORMAT_VERSION = 1
"""The layout of the home; raise it when an older version of the code could no longer work in it."""

PRIVATE_FOLDERS = frozenset(
    {"landing", "work", "spill", "models", "synthetic", "set-aside", "dbt", "spark", "desk", "erasing"}
)
PRIVATE_FILES = frozenset(
    {
        "warehouse.duckdb", "warehouse.duckdb.wal", "ledger.jsonl", "unfinished.jsonl", "run.lock", "run.json",
        "switch.lock", "last-error.txt", "identity.key", "erased.key", "erased.json", f".{MARKER}.unfinished",
        ".run.json.unfinished", ".unfinished.jsonl.unfinished", ".erased.json.unfinished", ".ledger.jsonl.unfinished",
    }
)  # fmt: skip
OPEN_NAMES = frozenset({MARKER, "releases", "current", "report"})

# What other tools of this project leave in an unused home (`make lint`, `dbt parse`), and what a command that failed
# before it did anything left there before there was a marker.
_TRACES = frozenset({"dbt", "run.lock", "switch.lock", "last-error.txt", f".{MARKER}.unfinished"})
_DBT_FOLDERS = frozenset({"logs", "target", "lint"})


def prepare(settings: Settings) -> list[str]:
    """Make sure that the home is ours, before anything in it is changed.

    An absent or empty folder is made a home; one that an earlier version filled gets its marker.

    Returns:
        What was done that a person should know, one phrase each.

    Raises:
        UsageError: The group of readers does not exist.
        WarehouseError: The folder holds something else, or belongs to a newer version.
    """
    group = readers_group(settings)
    home, done = settings.home, []
    if apart := on_other_disks(settings):
        raise WarehouseError(
            f"{' and '.join(apart)} of {home} stands on another disk, so that nothing can be moved there at once. "
            "Move the whole home to one disk and set CLAIMS_HOME."
        )
    if not is_marked(settings):
        if not _is_unused(home):
            _require_earlier_work(home)
            done.append(f"{home} was made by an earlier version; {MARKER} now says that it is ours")
        made = [folder for folder in (home, *home.parents) if not folder.exists()]
        home.mkdir(parents=True, exist_ok=True)
        for folder in made:
            _open_folder(folder, group)
        marker = {"format_version": FORMAT_VERSION, "created_by": code_version()}
        durable.replace_text(home / MARKER, json.dumps(marker) + "\n")
        (home / MARKER).chmod(0o644)
    _close(home)
    for folder in (settings.releases, settings.home / "spill"):
        folder.mkdir(mode=0o700, exist_ok=True)
    _open_folder(settings.releases, group)
    if group is not None:
        _open_folder(home, group)
    return done


def is_marked(settings: Settings) -> bool:
    """Whether the home carries our marker.

    Raises:
        WarehouseError: The marker cannot be read, or belongs to a newer version.
    """
    marker = settings.home / MARKER
    try:
        found = json.loads(marker.read_text(encoding="utf-8"))
        version = int(found["format_version"])
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (ValueError, KeyError, TypeError) as error:
        raise WarehouseError(f"{marker} is damaged. Restore it, or name another folder in CLAIMS_HOME.") from error
    if version > FORMAT_VERSION:
        raise WarehouseError(
            f"{settings.home} has format {version}, made by claims {found.get('created_by', 'of a later version')}; "
            f"this version knows formats up to {FORMAT_VERSION}. Use that one, or name another folder in CLAIMS_HOME."
        )
    return True


def on_other_disks(settings: Settings) -> list[str]:
    """Names of the folders into which nothing can be moved from the rest of the home, as landing and publishing do.

    Tried with a file that does not exist: Linux compares the mounts first, so that this changes nothing.
    """
    apart = []
    for folder in (settings.work, settings.landing, settings.releases):
        try:
            (settings.home / ".no-such-file").rename(folder / ".no-such-file")
        except OSError as error:
            if error.errno == errno.EXDEV:
                apart.append(folder.name)
    return apart


def is_known(name: str) -> bool:
    """Whether a name directly in the home is one of the product's."""
    return name in PRIVATE_FOLDERS | PRIVATE_FILES | OPEN_NAMES


def set_aside(settings: Settings, path: Path) -> None:
    """Move something damaged out of the way, to be looked at; what was set aside before under its name stays too."""
    folder = settings.home / "set-aside"
    folder.mkdir(exist_ok=True)
    aside, number = folder / path.name, 2
    if os.path.lexists(aside):
        while os.path.lexists(earlier := folder / f"{path.name}.{number}"):
            number += 1
        aside.rename(earlier)
    path.rename(aside)
    durable.sync(folder)


@contextmanager
def private_files() -> Iterator[None]:
    """Close every file made meanwhile to other accounts; what readers may see is opened by name."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def readers_group(settings: Settings) -> int | None:
    """Id of the group whose members may read releases; None where everybody may.

    Raises:
        UsageError: There is no such group.
    """
    if settings.readers_group is None:
        return None
    try:
        return grp.getgrnam(settings.readers_group).gr_gid
    except KeyError as error:
        raise UsageError(
            f"CLAIMS_READERS_GROUP: there is no group {settings.readers_group!r} on this machine. Correct or unset it."
        ) from error


def _open_folder(folder: Path, group: int | None) -> None:
    if group is not None:
        os.chown(folder, -1, group)
    wanted = 0o755 if group is None else 0o750
    if stat.S_IMODE(folder.stat().st_mode) != wanted:
        folder.chmod(wanted)


def _close(home: Path) -> None:
    """Take from other accounts what is not theirs to see, and the lock files that any of them could hold."""
    for path in home.iterdir():
        if path.name not in PRIVATE_FOLDERS | PRIVATE_FILES or path.is_symlink():
            continue
        wanted = 0o700 if path.name in PRIVATE_FOLDERS else 0o600
        if stat.S_IMODE(path.stat().st_mode) & ~wanted:
            path.chmod(wanted)


def _is_unused(home: Path) -> bool:
    """Whether nothing stands in the folder but empty folders and traces that hold nothing of anybody's."""
    if not home.exists():
        return True
    return all(
        path.name in _TRACES
        or (path.name in PRIVATE_FOLDERS | OPEN_NAMES and path.is_dir() and not any(path.iterdir()))
        for path in home.iterdir()
    ) and all(path.name in _DBT_FOLDERS for path in (home / "dbt").glob("*"))


def _require_earlier_work(home: Path) -> None:
    if not any(_signs_of_earlier_work(home)):
        names = sorted(path.name for path in home.iterdir())
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        raise WarehouseError(
            f"{home} holds {shown} and no {MARKER}: it is not a folder of claims, and nothing in it was touched. "
            "Name an empty or a new folder in CLAIMS_HOME."
        )


def _signs_of_earlier_work(home: Path) -> Iterator[bool]:
    """A delivery, a release or a ledger in the formats that this product wrote before there was a marker."""
    for manifest in home.glob("releases/*/manifest.json"):
        yield _release_id(manifest) == manifest.parent.name
    for file in home.glob("landing/*/landed_deliveries.parquet"):
        yield _is_delivery(file)
    if (home / "ledger.jsonl").is_file():
        yield any({"run_id", "step", "status"} <= entry.keys() for entry in ledger.read(home / "ledger.jsonl"))


def _release_id(manifest: Path) -> Any:
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found.get("release_id") if isinstance(found, dict) else None


def _is_delivery(file: Path) -> bool:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return {"delivery_number", "delivery_hash"} <= set(parquet.read_schema(file).names)
    except (OSError, pa.ArrowInvalid):
        return False
