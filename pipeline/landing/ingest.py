"""Landing: every record of a delivered file becomes a landed row or a rejected row, and a delivery lands once."""

import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from pipeline.landing import inputs
from pipeline.landing.folder import (
    Delivery,
    folder_of,
    install,
    landed_deliveries,
    numbers_set_aside,
    remove,
    set_aside,
    stand_in_of,
)
from pipeline.landing.load import Loaded, load, refusing_reader_errors
from pipeline.landing.manifest import damage, folder_name
from pipeline.landing.reading.delivery_file import content_hash, display_name
from pipeline.landing.reading.dialect import NO_OPTIONS
from pipeline.landing.reading.formats import unpacked
from pipeline.landing.reading.options import Options
from pipeline.landing.reading.raw_records import first_texts
from pipeline.landing.synthetic import sounds_synthetic
from pipeline.landing.values import are_equal, as_of
from pipeline.state import durable, home, journal
from warehouse import contract
from warehouse.duckdb_engine import connect_for
from warehouse.errors import DataError
from warehouse.settings import Settings


def ingest(
    settings: Settings, files: Sequence[Path], *, is_synthetic: bool, options: Options = NO_OPTIONS
) -> list[Delivery]:
    """Land files in the order of their names; a file whose content has landed before changes nothing.

    Args:
        settings: Where to land.
        files: Delivered files.
        is_synthetic: Whether they are known to be our own twin; a named file is recognised by what it says. Real and
            synthetic rows never share a warehouse: the first real delivery removes the synthetic ones.
        options: What a person says about them.

    Returns:
        One entry per file.

    Raises:
        DataError: A file cannot be read as the expected table, or too much of it would be rejected; nothing of it
            lands, and nothing of those after it.
    """
    home.prepare(settings)
    settings.landing.mkdir(exist_ok=True)
    ordered = sorted(files, key=lambda file: (file.name, file))
    # Read once, so that the last of many files costs what the first does.
    landed = landed_deliveries(settings)
    results = []
    for path in ordered:
        delivery = _deliver(settings, path, landed, is_synthetic=is_synthetic, options=options)
        landed = [
            other
            for other in landed
            if other.number != delivery.number and not (other.is_synthetic and other.file_name in delivery.replaced)
        ]
        landed.append(delivery)
        results.append(delivery)
    _remove_synthetic_beside_real(settings, landed)
    return results


def try_delivery(settings: Settings, path: Path, options: Options = NO_OPTIONS) -> Loaded:
    """Load a file without landing it.

    Args:
        settings: The limits.
        path: A delivered file.
        options: What a person says about it.

    Returns:
        What would land.

    Raises:
        DataError: The file would be refused.
    """
    home.prepare(settings)
    with home.private_files():
        folder = journal.reserve(settings, "dry-run")
        try:
            folder.mkdir()
            with refusing_reader_errors(path):
                table = unpacked(path, folder / "unpacked", settings)
            return _load(settings, table, folder / "work", 0, options)
        finally:
            durable.remove(folder)


class _Received(NamedTuple):
    """A file to land."""

    path: Path
    table: Path
    """The file, or what an archive holds."""
    status: os.stat_result
    """As it was before anything of it was read."""
    hashing: Future[str]


def _deliver(
    settings: Settings, path: Path, landed: Sequence[Delivery], *, is_synthetic: bool, options: Options
) -> Delivery:
    status = path.stat()
    with ThreadPoolExecutor(1) as beside:
        hashing = beside.submit(content_hash, path)
        # A size that is new is a content that is new, and need not wait for its hash.
        same_size = [delivery for delivery in landed if delivery.byte_count == status.st_size]
        said = as_of(path, options.as_of, settings.date_pattern)
        before = [
            delivery for delivery in same_size if delivery.hash == hashing.result() and said in (None, delivery.as_of)
        ]
        if before:
            if damage(folder_of(settings, before[0])) is None:
                return before[0]._replace(is_new=False)
            set_aside(settings, folder_of(settings, before[0]))
            landed = [delivery for delivery in landed if delivery not in before]
        unpacking = journal.reserve(settings, "unpacked")
        try:
            with refusing_reader_errors(path):
                received = _Received(path, unpacked(path, unpacking, settings), status, hashing)
            return _land(settings, received, landed, is_synthetic=is_synthetic, options=options)
        finally:
            durable.remove(unpacking)


def _land(
    settings: Settings, received: _Received, landed: Sequence[Delivery], *, is_synthetic: bool, options: Options
) -> Delivery:
    path, table, status, hashing = received
    name = display_name(path)
    with refusing_reader_errors(path):
        is_synthetic = is_synthetic or sounds_synthetic(first_texts(table, settings, options))
    if is_synthetic and not all(delivery.is_synthetic for delivery in landed):
        raise DataError(
            f"{name} is the synthetic twin, and real deliveries have landed in {settings.home}. "
            "Set CLAIMS_HOME to another folder for synthetic data. Nothing of it landed."
        )
    replaced = [
        other for other in landed if other.is_synthetic and (not is_synthetic or _stands_in_for(other.file_name, name))
    ]
    # Numbered as if what it replaces had never been.
    withdrawn = landed_deliveries(settings, is_withdrawn=True)
    kept = [delivery.number for delivery in (*landed, *withdrawn) if delivery not in replaced]
    aside = numbers_set_aside(settings)
    repaired = [number for number, folder in aside.items() if folder.name == folder_name(number, hashing.result())]
    number = repaired[0] if repaired else max([*kept, *aside], default=0) + 1
    work = journal.reserve(settings, "ingest")
    try:
        loaded = _load(settings, table, work, number, options)
        delivered_hash = hashing.result()
        if _identity(path.stat()) != _identity(status):
            raise DataError(f"{name} changed while it was read. Deliver it again when it is complete.")
        delivery = Delivery(
            number=number,
            feed=loaded.feed,
            file_name=name,
            hash=delivered_hash,
            is_synthetic=is_synthetic,
            dialect=loaded.dialect if table == path else f"{loaded.dialect}, zip",
            byte_count=status.st_size,
            record_count=loaded.record_count,
            landed_count=loaded.landed_count,
            rejected_count=loaded.rejected_count,
            as_of=as_of(path, options.as_of, settings.date_pattern),
            newest_snapshot=loaded.values.newest_snapshot,
            values_hash=loaded.values.hash,
            is_blanking_allowed=options.is_blanking_allowed,
            is_dropped=path.parent == inputs.RAW_FOLDER,
            is_new=True,
            repairs=loaded.repairs,
            replaced=tuple(other.file_name for other in replaced),
        )
        if same := _same_values(settings, delivery, work, [other for other in landed if other not in replaced]):
            return same._replace(is_new=False, repeated_by=name)
        install(settings, delivery, work)
        # Named again, it is no longer withdrawn.
        remove(settings, [*replaced, *(other for other in withdrawn if other.hash == delivery.hash)])
        if repaired:
            durable.remove(aside[number])
    finally:
        durable.remove(work)
    return delivery


def _same_values(settings: Settings, delivery: Delivery, work: Path, landed: Sequence[Delivery]) -> Delivery | None:
    """The delivery that says the same under the same date, where there is one."""
    feed = contract.feeds()[delivery.feed]
    known = ("feed", "values_hash", "rejected_count", "as_of", "is_blanking_allowed")
    for other in landed:
        kept_count = other.landed_count - other.erased_count
        if kept_count == delivery.landed_count and all(
            getattr(other, name) == getattr(delivery, name) for name in known
        ):
            table = f"{feed.table}.parquet"
            with connect_for(settings) as connection:
                if are_equal(connection, work / table, folder_of(settings, other) / table, feed):
                    return other
    return None


def _identity(status: os.stat_result) -> tuple[int, ...]:
    """What changes when a file is written to, or another is put in its place, even of the same size and age."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _stands_in_for(older: str, newer: str) -> bool:
    """Whether a stand-in's file makes room for another's: one twin stands in at a time, with one file per feed."""
    return (
        stand_in_of(older) is not None
        and stand_in_of(newer) is not None
        and (older == newer or stand_in_of(older) != stand_in_of(newer))
    )


def _load(settings: Settings, path: Path, work: Path, number: int, options: Options) -> Loaded:
    work.mkdir()
    with connect_for(settings) as connection:
        return load(connection=connection, settings=settings, path=path, work=work, number=number, options=options)


def _remove_synthetic_beside_real(settings: Settings, landed: Sequence[Delivery]) -> None:
    """Finish what an interrupted run began: synthetic deliveries go once a real one has landed."""
    if any(not delivery.is_synthetic for delivery in landed):
        remove(settings, [delivery for delivery in landed if delivery.is_synthetic])
