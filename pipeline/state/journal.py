"""The journal: a name is written down as our own before anything is made under it, and only such names are removed."""

import json
import os
import re
import uuid
from pathlib import Path
from typing import Any

import psutil

from pipeline.state import durable, home, ledger
from warehouse.settings import Settings

# What `reserve` makes up: nobody else's file is called so by chance.
_OWN_NAME = re.compile(r".+-[0-9a-f]{8}")


def reserve(settings: Settings, purpose: str, folder: Path | None = None) -> Path:
    """Choose a name that nobody has used and write it down durably; nothing is made under it yet.

    Args:
        settings: Where the journal is.
        purpose: The beginning of the name, for people who look.
        folder: Where in the home the name will stand; by default the folder for unfinished work. Made when absent.

    Returns:
        The path. What still stands under it when its process is gone, the next run removes.

    Raises:
        WarehouseError: The home is not ours.
    """
    if not home.is_marked(settings):
        home.prepare(settings)
    folder = folder or settings.work
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{purpose}-{uuid.uuid4().hex[:8]}"
    entry = {"path": path.relative_to(settings.home).as_posix(), "pid": os.getpid()}
    ledger.append(journal_path(settings), entry)
    return path


def stale(settings: Settings) -> list[Path]:
    """What stands under a name whose process is gone; this process, about to begin a run, has no work unfinished."""
    return [path for path, is_held in _written_down(settings) if not is_held]


def unfinished(settings: Settings) -> list[Path]:
    """Everything that stands under a name written down, of living processes too."""
    return [path for path, _ in _written_down(settings)]


def clear(settings: Settings) -> list[Path]:
    """Remove what is stale and forget its names; hold the run lock and the switch lock.

    Returns:
        What was removed.
    """
    removed = stale(settings)
    for path in removed:
        durable.remove(path)
    # After the removal: a crash between the two only repeats it.
    entries = _entries(settings)
    if kept := [entry for entry in entries if _is_held(entry)]:
        durable.replace_text(journal_path(settings), "".join(f"{json.dumps(entry)}\n" for entry in kept))
    elif entries:
        journal_path(settings).unlink()
    return removed


def journal_path(settings: Settings) -> Path:
    """Where the journal stands."""
    return settings.home / "unfinished.jsonl"


def _written_down(settings: Settings) -> list[tuple[Path, bool]]:
    found = [(settings.home / entry["path"], _is_held(entry)) for entry in _entries(settings)]
    return [(path, is_held) for path, is_held in found if os.path.lexists(path)]


def _entries(settings: Settings) -> list[dict[str, Any]]:
    """Entries that name something of our own making inside the home; any other line removes nothing."""
    return [entry for entry in ledger.read(journal_path(settings)) if _is_own_name(entry.get("path"))]


def _is_own_name(name: object) -> bool:
    path = Path(name) if isinstance(name, str) else Path()
    return _OWN_NAME.fullmatch(path.name) is not None and not path.is_absolute() and ".." not in path.parts


def _is_held(entry: dict[str, Any]) -> bool:
    pid = entry.get("pid")
    return isinstance(pid, int) and pid != os.getpid() and psutil.pid_exists(pid)
