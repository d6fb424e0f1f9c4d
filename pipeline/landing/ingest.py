"""Landing: every record of a delivered file becomes a landed row or a rejected row, and a delivery lands once."""

import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from pipeline.landing.delivery_file import content_hash, display_name
from pipeline.landing.folder import Delivery, install, is_stand_in_name, landed_deliveries, remove
from pipeline.landing.load import Loaded, load
from pipeline.landing.raw_records import first_texts
from pipeline.landing.synthetic import sounds_synthetic
from pipeline.state import durable
from warehouse.duckdb_engine import connect_for
from warehouse.errors import DataError
from warehouse.settings import Settings


def ingest(settings: Settings, files: Sequence[Path], *, is_synthetic: bool) -> list[Delivery]:
    """Land files in the order of their names; a file whose content has landed before changes nothing.

    Args:
        settings: Where to land.
        files: Delivered files.
        is_synthetic: Whether they are known to be our own twin; a named file is recognised by what it says. Real and
            synthetic rows never share a warehouse: the first real delivery removes the synthetic ones.

    Returns:
        One entry per file.

    Raises:
        DataError: A file cannot be read as the expected table, or too much of it would be rejected; nothing of it
            lands, and nothing of those after it.
    """
    settings.landing.mkdir(parents=True, exist_ok=True)
    ordered = sorted(files, key=lambda file: (file.name, file))
    results = [_deliver(settings, path, is_synthetic=is_synthetic) for path in ordered]
    _remove_synthetic_beside_real(settings)
    return results


def try_delivery(settings: Settings, path: Path) -> Loaded:
    """Load a file without landing it.

    Args:
        settings: The limits.
        path: A delivered file.

    Returns:
        What would land.

    Raises:
        DataError: The file would be refused.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    # Not in the folder for unfinished work: a run beside this trial clears that.
    with tempfile.TemporaryDirectory(prefix="dry-run-", dir=settings.home) as folder:
        return _load(settings, path, Path(folder) / "work", 0)


def _deliver(settings: Settings, path: Path, *, is_synthetic: bool) -> Delivery:
    landed, status = landed_deliveries(settings), path.stat()
    with ThreadPoolExecutor(1) as beside:
        hashing = beside.submit(content_hash, path)
        # A size that is new is a content that is new, and need not wait for its hash.
        same_size = [delivery for delivery in landed if delivery.byte_count == status.st_size]
        before = [delivery for delivery in same_size if delivery.hash == hashing.result()]
        if before:
            return before[0]._replace(is_new=False)
        return _land(settings, path, status, hashing, landed, is_synthetic=is_synthetic)


def _land(
    settings: Settings,
    path: Path,
    status: os.stat_result,
    hashing: Future[str],
    landed: Sequence[Delivery],
    *,
    is_synthetic: bool,
) -> Delivery:
    name = display_name(path)
    is_synthetic = is_synthetic or sounds_synthetic(first_texts(path, settings))
    if is_synthetic and not all(delivery.is_synthetic for delivery in landed):
        raise DataError(
            f"{name} is the synthetic twin, and real deliveries have landed in {settings.home}. "
            "Set CLAIMS_HOME to another folder for synthetic data. Nothing of it landed."
        )
    replaced = [
        other
        for other in landed
        if other.is_synthetic and (not is_synthetic or (is_stand_in_name(name) and is_stand_in_name(other.file_name)))
    ]
    # Numbered as if what it replaces had never been.
    number = max((delivery.number for delivery in landed if delivery not in replaced), default=0) + 1
    work = settings.work / f"ingest-{number:05d}"
    try:
        loaded = _load(settings, path, work, number)
        delivered_hash, after = hashing.result(), path.stat()
        if (after.st_size, after.st_mtime_ns) != (status.st_size, status.st_mtime_ns):
            raise DataError(f"{name} changed while it was read. Deliver it again when it is complete.")
        delivery = Delivery(
            number=number,
            feed=loaded.feed,
            file_name=name,
            hash=delivered_hash,
            is_synthetic=is_synthetic,
            dialect=loaded.dialect,
            byte_count=status.st_size,
            record_count=loaded.record_count,
            landed_count=loaded.landed_count,
            rejected_count=loaded.rejected_count,
            is_new=True,
            repairs=loaded.repairs,
            replaced=tuple(other.file_name for other in replaced),
        )
        install(settings, delivery, work)
        remove(settings, replaced)
    finally:
        durable.remove(work)
    return delivery


def _load(settings: Settings, path: Path, work: Path, number: int) -> Loaded:
    durable.remove(work)
    work.mkdir(parents=True)
    with connect_for(settings) as connection:
        return load(connection, settings, path, work, number)


def _remove_synthetic_beside_real(settings: Settings) -> None:
    """Finish what an interrupted run began: synthetic deliveries go once a real one has landed."""
    landed = landed_deliveries(settings)
    if any(not delivery.is_synthetic for delivery in landed):
        remove(settings, [delivery for delivery in landed if delivery.is_synthetic])
