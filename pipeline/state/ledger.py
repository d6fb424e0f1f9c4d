"""The run ledger: one JSON line per step, appended and synced, readable while the warehouse is locked."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def now() -> str:
    """The present moment as the ledger writes it: UTC, milliseconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def append(path: Path, entry: Mapping[str, Any]) -> None:
    """Append one entry durably.

    Args:
        path: The ledger file; made when absent.
        entry: JSON-serialisable fields of one step.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        # A line that a crash or a full disk cut short must not swallow this one.
        file.seek(0, os.SEEK_END)
        is_cut_short = False
        if file.tell() > 0:
            file.seek(-1, os.SEEK_END)
            is_cut_short = file.read(1) != b"\n"
        # One write, so that lines of two processes never mix.
        file.write(b"\n" * is_cut_short + json.dumps(entry, sort_keys=True).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> list[dict[str, Any]]:
    """Read all entries, oldest first; a line that a crash cut short is left out.

    Args:
        path: The ledger file.

    Returns:
        The entries; none when the file is absent.
    """
    if not path.exists():
        return []
    entries = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(entry, dict):
            entries.append(entry)
    return entries
