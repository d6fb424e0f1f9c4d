"""Recovery: what a run that was killed, or ran out of disk, may leave behind, and how the next run clears it away."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from pipeline.job import erase
from pipeline.landing import folder
from pipeline.release import switch
from pipeline.state import durable, home, journal, ledger, locks
from warehouse.duckdb_engine import is_damaged
from warehouse.settings import Settings

# DuckDB 2.0 names its temporary files after their process.
_SPILL_NAME = re.compile(r"duckdb_temp_(\d+)_.+")


def recover(settings: Settings, run_id: str, done_before: list[str] | None = None) -> list[str]:
    """Bring everything a broken run left into a state to start from; hold the run lock.

    Removed is what the journal says was ours and unfinished, and what DuckDB left in the spill folder. All the rest
    stays: a working warehouse that cannot be opened and a landing that lacks files are set aside, since the run makes
    the one anew and asks for the other again; what nobody here knows is left alone (see `unknown`).

    Args:
        settings: Where to look.
        run_id: The run that does it, for the ledger.
        done_before: What was done to the home before, to be told and noted with the rest.

    Returns:
        What was done, one phrase each; nothing after an orderly run. The same stands in the ledger.
    """
    _note_interrupted(settings)
    started_at = ledger.now()
    done = [
        *(done_before or []),
        *_clear_unfinished(settings),
        *_clear_spill(settings),
        *_close_releases(settings),
        *_set_warehouse_aside(settings),
        *_set_landing_aside(settings),
        *erase.resume(settings),
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
    """Leftovers that the next run will clear or set aside; meaningful only while no run is active."""
    return [*journal.stale(settings), *_stale_spill(settings), *_stale_wal(settings), *_half_landed(settings)]


def unknown(settings: Settings) -> list[Path]:
    """What stands in the home and was not made by this product, as far as it knows; no command touches it."""
    if not settings.home.exists():
        return []
    ours = {*journal.unfinished(settings), *(settings.releases / name for name in switch.list_releases(settings))}
    spilled = {path.parent if path.parent.name.isdecimal() else path for path in _spilled(settings)}
    found = [path for path in settings.home.iterdir() if not home.is_known(path.name)]
    found += [path for room in (settings.work, settings.releases) for path in room.glob("*")]
    found += [path for path in settings.landing.glob("*") if not (folder.is_own(path) or folder.is_declaration(path))]
    found += [path for path in (settings.home / "spill").glob("*") if path not in spilled]
    return sorted(set(found) - ours)


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


def _clear_unfinished(settings: Settings) -> Iterator[str]:
    # A switch of the current release, which needs no run lock, has a name in the journal too.
    with locks.only_switch(settings):
        for path in journal.clear(settings):
            yield f"removed unfinished {path.relative_to(settings.home)}"


def _clear_spill(settings: Settings) -> Iterator[str]:
    for path in _stale_spill(settings):
        path.unlink(missing_ok=True)
        if path.parent.name.isdecimal() and not any(path.parent.iterdir()):
            path.parent.rmdir()
        yield f"removed {path.relative_to(settings.home)}, which DuckDB left"


def _stale_spill(settings: Settings) -> Iterator[Path]:
    for path in sorted(_spilled(settings)):
        found = _SPILL_NAME.fullmatch(path.name)
        pid = int(found[1]) if found else 0
        if pid != os.getpid() and not psutil.pid_exists(pid):
            yield path


def _spilled(settings: Settings) -> Iterator[Path]:
    """DuckDB's own files, in the folder of a process or, of plain dbt, beside them."""
    for pattern in ("*", "*/*"):
        for path in (settings.home / "spill").glob(pattern):
            if _SPILL_NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                yield path


def _close_releases(settings: Settings) -> Iterator[str]:
    with locks.only_switch(settings):
        for name in switch.list_releases(settings):
            if (settings.releases / name).stat().st_mode & 0o222:
                durable.make_read_only(settings.releases / name, home.readers_group(settings))
                yield f"made release {name} read-only"


def _set_warehouse_aside(settings: Settings) -> Iterator[str]:
    """DuckDB replays its own log; only a log without its file, and a file that is none any more, stand in the way."""
    for wal in _stale_wal(settings):
        home.set_aside(settings, wal)
        yield f"set {wal.name}, a log without its warehouse, aside"
    file = settings.warehouse_file
    if file.exists() and is_damaged(file):
        for path in (file, _wal(settings)):
            if path.exists():
                home.set_aside(settings, path)
        yield f"set {file.name}, which could not be opened, aside; it is built anew from what has landed"


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
