"""Where what is to be erased stands; what stands nowhere is most often a number that was typed wrongly."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from pipeline.landing import erase as landed
from pipeline.landing import raw_files
from pipeline.landing.sought import Sought
from pipeline.release import switch
from pipeline.state import tombstones
from warehouse.settings import Settings


def nowhere(settings: Settings, sought: Sought) -> Sought:
    """The part of what is sought that stands nowhere and was never erased before.

    Looked through are landing, rejected records, the desk, what is set aside, releases and `data/raw`. A release knows
    reporters by hashes only, so one who stands in releases alone is taken for unknown.

    Args:
        settings: Where everything stands.
        sought: Videos and reporters.

    Returns:
        Those of them that nobody here knows.
    """
    erased = tombstones.read(settings)
    has_landed = landed.landed_of(settings, sought)
    return Sought.of(
        (column, value)
        for column, value in sought.each()
        if (column, value) not in has_landed
        and not (erased and erased.hold(column, value))
        and not _stands(settings, Sought.of([(column, value)]))
    )


def set_aside_with(settings: Settings, sought: Sought, *, is_unreadable_taken: bool = True) -> Iterator[Path]:
    """What was set aside and holds any of it, or, where that is taken for a yes, cannot be read to tell."""
    for path in sorted((settings.home / "set-aside").glob("*")):
        told = [_told_in(file, sought) for file in ([path] if path.is_file() else path.rglob("*"))]
        if True in told or (is_unreadable_taken and None in told):
            yield path


def _stands(settings: Settings, one: Sought) -> bool:
    from pipeline.release.holding import holds
    from review.store import Store

    if (settings.desk / "desk.sqlite").exists() and Store(settings.desk).known(one.video_ids):
        return True
    if any(set_aside_with(settings, one, is_unreadable_taken=False)) or any(hit.lines for hit in raw_files.find(one)):
        return True
    return bool(one.video_ids) and any(holds(settings, name, one) for name in switch.list_releases(settings))


def _told_in(file: Path, sought: Sought) -> bool | None:
    """Whether a file holds any of it; None where it cannot be read to tell."""
    if file.is_dir():
        return False
    if file.suffix == ".json":
        return sought.is_in(file.read_text(encoding="utf-8", errors="replace"))
    if file.suffix != ".parquet":
        return None
    try:
        rows = parquet.read_table(file).to_pylist()
    except (OSError, ValueError, pa.ArrowException):
        return None
    return any(
        row.get("video_id") in sought.video_ids
        or any(sought.is_in(cell) for cell in row.values() if isinstance(cell, str))
        for row in rows
    )
