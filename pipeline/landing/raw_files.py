"""Where delivered files in `data/raw` hold what is erased: named by line, and taken out only when somebody says so."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.landing import inputs
from pipeline.landing.reading.delivery_file import display_name
from pipeline.landing.sought import Sought
from pipeline.state import durable

# A quote that never closes would make the rest of a file one record.
_LONGEST_RECORD_LINES = 100
_NO_TEXT = (b"\x1f\x8b", b"PK", b"PAR1", b"\xff\xfe", b"\xfe\xff")


class RawHit(NamedTuple):
    """A delivered file that holds something to erase."""

    path: Path
    lines: tuple[int, ...]
    """Lines from 1, all of each record; none where the file is no plain text, and has to be looked at by a person."""

    def in_words(self) -> str:
        """The file and its lines."""
        name = f"data/raw/{display_name(self.path)}"
        if not self.lines:
            return f"{name}: no plain text; look through it and remove the records, or the file"
        shown = ", ".join(map(str, self.lines[:20])) + (" …" if len(self.lines) > 20 else "")
        return f"{name}: line {shown}"


def find(sought: Sought) -> list[RawHit]:
    """The files in `data/raw` that hold any of it, and those of which nobody here can tell."""
    hits = []
    for path in sorted(path for path in inputs.RAW_FOLDER.glob("*") if path.is_file()):
        if path.name.startswith("."):
            continue
        with path.open("rb") as file:
            is_text = not file.read(4).startswith(_NO_TEXT)
        if not is_text:
            hits.append(RawHit(path, ()))
        elif lines := [line for line, _, is_hit in _lines(path, sought) if is_hit]:
            hits.append(RawHit(path, tuple(lines)))
    return hits


def edit(hits: list[RawHit], sought: Sought) -> list[RawHit]:
    """Take the records out of the files that are plain text; all other bytes stay as they are.

    Args:
        hits: What `find` has found.
        sought: What to take out.

    Returns:
        The files that were edited.
    """
    edited = [hit for hit in hits if hit.lines]
    for hit in edited:
        unfinished = hit.path.with_name(f".{hit.path.name}.unfinished")
        mode = hit.path.stat().st_mode
        unfinished.write_bytes(b"".join(line for _, line, is_hit in _lines(hit.path, sought) if not is_hit))
        unfinished.chmod(mode)
        durable.sync(unfinished)
        unfinished.replace(hit.path)
        durable.sync(hit.path.parent)
    return edited


def _lines(path: Path, sought: Sought) -> Iterator[tuple[int, bytes, bool]]:
    """Each line with its number and whether its record, which may run over line ends in quotes, is to be erased."""
    for number, record in _records(re.findall(rb"[^\n]*\n|[^\n]+", path.read_bytes())):
        is_hit = number > 1 and sought.is_in(b"".join(record).decode("utf-8", "replace"))
        for place, line in enumerate(record):
            yield number + place, line, is_hit


def _records(lines: list[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    place = 0
    while place < len(lines):
        size, quotes = 1, lines[place].count(b'"')
        while quotes % 2 and size < _LONGEST_RECORD_LINES and place + size < len(lines):
            quotes += lines[place + size].count(b'"')
            size += 1
        if quotes % 2:
            size = 1
        yield place + 1, lines[place : place + size]
        place += size
