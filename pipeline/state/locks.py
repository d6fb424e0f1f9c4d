"""Who may work: one run at a time on the working warehouse, one switch at a time on the releases."""

import fcntl
import json
import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from pipeline.state import durable, home
from warehouse.errors import WarehouseError
from warehouse.settings import Settings


@contextmanager
def only_run(settings: Settings) -> Iterator[None]:
    """Keep two runs off the same working warehouse; the system frees the lock of a process that dies.

    What is written meanwhile is closed to other accounts.

    Raises:
        WarehouseError: Another run holds it for longer than the settings allow to wait, or the home is not ours.
    """
    if not home.is_marked(settings):
        home.prepare(settings)
    with _locked(
        settings.home / "run.lock",
        settings.lock_wait_sec,
        lambda: (
            f"{describe_run(settings)} is working in {settings.home}; waited {settings.lock_wait_sec:g} s. "
            "Wait for it to end or stop it, then try again; the published release stays readable meanwhile."
        ),
    ):
        yield


@contextmanager
def only_switch(settings: Settings) -> Iterator[None]:
    """Keep two switches of the current release apart; each lasts moments, so a rollback never waits for a build.

    Raises:
        WarehouseError: Another process holds it for longer than the settings allow to wait.
    """
    if not home.is_marked(settings):
        home.prepare(settings)
    with _locked(
        settings.home / "switch.lock",
        settings.lock_wait_sec,
        lambda: f"Another process is switching the current release in {settings.home}. Try again in a moment.",
    ):
        yield


def is_run_active(settings: Settings) -> bool:
    """Whether some process holds the run lock now; writes nothing, so that it answers on a read-only disk too."""
    try:
        with (settings.home / "run.lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def write_note(settings: Settings, note: dict[str, Any]) -> None:
    """Leave word of what the holder of the run lock is doing: for others who wait, and for recovery after a crash."""
    # What is erased must not stand in a note, nor in the ledger after a kill.
    arguments = sys.argv[1:2] if "erase" in sys.argv[1:2] else sys.argv[1:]
    program = textwrap.shorten(" ".join([Path(sys.argv[0]).name, *arguments]), 120)
    durable.replace_text(note_path(settings), json.dumps({"pid": os.getpid(), "program": program, **note}) + "\n")


def read_note(settings: Settings) -> dict[str, Any] | None:
    """The note of the run that works now or that broke off; None after a run that ended."""
    try:
        note: dict[str, Any] = json.loads(note_path(settings).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return note


def note_path(settings: Settings) -> Path:
    """Where the note stands."""
    return settings.home / "run.json"


def describe_run(settings: Settings) -> str:
    """The holder of the run lock in words, as far as its note tells."""
    note = read_note(settings)
    if note is None or not psutil.pid_exists(note["pid"]):
        return "Another claims command"
    return f"Process {note['pid']} ({note['program']}), at step {note['step']} since {note['started_at']},"


@contextmanager
def _locked(path: Path, wait_sec: float, sentence: Callable[[], str]) -> Iterator[None]:
    # Who may open a lock file may hold it, for reading too: so nobody else may.
    lock = FileLock(path, timeout=wait_sec, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise WarehouseError(sentence()) from None
    try:
        with home.private_files():
            yield
    finally:
        lock.release()
