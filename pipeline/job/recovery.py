"""Recovery: what a run that was killed, or ran out of disk, may leave behind, and how the next run clears it away."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from pipeline.landing import folder
from pipeline.release import switch
from pipeline.release.manifest import MANIFEST
from pipeline.state import durable, ledger, locks
from warehouse.duckdb_engine import is_damaged
from warehouse.settings import Settings


def recover(settings: Settings, run_id: str) -> list[str]:
    """Bring everything a broken run left into a state to start from; hold the run lock.

    Nothing that came from outside is ever removed: landed deliveries stay, a release stays, and the working warehouse
    goes only when it cannot be opened, since the run makes it anew from what has landed.

    Args:
        settings: Where to look.
        run_id: The run that does it, for the ledger.

    Returns:
        What was done, one phrase each; nothing after an orderly run. The same stands in the ledger.
    """
    _note_interrupted(settings)
    started_at = ledger.now()
    done = [
        *_clear_work(settings),
        *_clear_releases(settings),
        *_clear_warehouse(settings),
        *_set_landing_aside(settings),
    ]
    if done:
        ledger.append(
            settings.ledger,
            {
                "run_id": run_id,
                "step_number": 0,
                "step": "recover",
                "status": "done",
                "started_at": started_at,
                "ended_at": ledger.now(),
                "row_count": len(done),
                "detail": "; ".join(done),
            },
        )
    return done


def stale(settings: Settings) -> list[Path]:
    """Leftovers that the next run will clear; meaningful only while no run is active."""
    return [*_stale_work(settings), *_half_made_releases(settings), *_stale_wal(settings), *_half_landed(settings)]


def broken_off(settings: Settings) -> dict[str, Any] | None:
    """The note of a step that ended without its ledger line; meaningful only while no run is active."""
    note = locks.read_note(settings)
    if note is None or any(
        entry.get("run_id") == note["run_id"] and entry.get("step_number") == note["step_number"]
        for entry in ledger.read(settings.ledger)
    ):
        return None
    return note


def _note_interrupted(settings: Settings) -> None:
    """Write the ledger line that a killed process could not write itself."""
    if note := broken_off(settings):
        entry = {name: value for name, value in note.items() if name not in {"pid", "program"}}
        error = f"process {note['pid']} ({note['program']}) ended without a word"
        ledger.append(settings.ledger, {**entry, "status": "interrupted", "error": error})
    locks.note_path(settings).unlink(missing_ok=True)


def _clear_work(settings: Settings) -> Iterator[str]:
    for path in _stale_work(settings):
        durable.remove(path)
        yield f"removed unfinished {path.relative_to(settings.home)}"


def _stale_work(settings: Settings) -> Iterator[Path]:
    yield from sorted(settings.work.glob("*"))
    yield from sorted(settings.home.glob(".*.unfinished"))
    yield from sorted((settings.home / "synthetic").glob(".*.unfinished*"))
    for path in sorted((settings.home / "spill").glob("*")):
        owner = path.name.removeprefix("reader-")
        if not (owner.isdecimal() and psutil.pid_exists(int(owner))):
            yield path


def _clear_releases(settings: Settings) -> Iterator[str]:
    with locks.only_switch(settings):
        link = switch.next_link(settings)
        if link.is_symlink():
            link.unlink()
            yield "removed an unfinished switch of the current release"
        for path in _half_made_releases(settings):
            durable.remove(path)
            yield f"removed half-made release {path.name}"
        for name in switch.list_releases(settings):
            if (settings.releases / name).stat().st_mode & 0o222:
                durable.make_read_only(settings.releases / name)
                yield f"made release {name} read-only"


def _half_made_releases(settings: Settings) -> Iterator[Path]:
    for path in sorted(settings.releases.glob("*")):
        if not (path / MANIFEST).exists() and path != settings.current.resolve():
            yield path


def _clear_warehouse(settings: Settings) -> Iterator[str]:
    """DuckDB replays its own log; only a log without its file, and a file that is none any more, are ours to clear."""
    for wal in _stale_wal(settings):
        wal.unlink()
        yield f"removed {wal.name}, a log without its warehouse"
    file = settings.warehouse_file
    if file.exists() and is_damaged(file):
        for path in (file, _wal(settings)):
            path.unlink(missing_ok=True)
        yield f"removed {file.name}, which could not be opened; it is built anew from the landed deliveries"


def _stale_wal(settings: Settings) -> Iterator[Path]:
    if _wal(settings).exists() and not settings.warehouse_file.exists():
        yield _wal(settings)


def _wal(settings: Settings) -> Path:
    return settings.warehouse_file.with_name(settings.warehouse_file.name + ".wal")


def _set_landing_aside(settings: Settings) -> Iterator[str]:
    """A delivery appears by one rename, so a folder that lacks a file was changed from outside: keep what is left."""
    yield from folder.set_damaged_aside(settings, is_thorough=False)


def _half_landed(settings: Settings) -> Iterator[Path]:
    yield from (path for path, _ in folder.damaged(settings, is_thorough=False))
