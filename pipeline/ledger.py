"""The run ledger: one JSON line per step, appended and synced, readable while the warehouse is locked."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def append(path: Path, entry: Mapping[str, Any]) -> None:
    """Append one entry durably.

    Args:
        path: The ledger file; made when absent.
        entry: JSON-serialisable fields of one step.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> list[dict[str, Any]]:
    """Read all entries, oldest first; a last line that a crash cut short is left out.

    Args:
        path: The ledger file.

    Returns:
        The entries; none when the file is absent.
    """
    if not path.exists():
        return []
    entries = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entries.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return entries
