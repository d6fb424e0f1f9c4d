"""The landing folder: one sub-folder per delivery, which appears complete by one rename."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pyarrow import parquet

from pipeline.landing.repairs import Repair
from pipeline.state import durable
from warehouse import contract
from warehouse.settings import Settings


class Delivery(NamedTuple):
    """One landed delivery."""

    number: int
    feed: str
    """What a record of it is: a key of `contract.feeds()`."""
    file_name: str
    hash: str
    is_synthetic: bool
    dialect: str
    byte_count: int
    record_count: int
    landed_count: int
    rejected_count: int
    is_new: bool = False
    repairs: tuple[Repair, ...] = ()
    """What was repaired, for a new delivery."""
    replaced: tuple[str, ...] = ()
    """Names of the synthetic deliveries that made room for it."""


def landed_deliveries(settings: Settings) -> list[Delivery]:
    """The deliveries that have landed, in order."""
    rows = [
        row
        for file in settings.landing.glob("*/landed_deliveries.parquet")
        for row in parquet.ParquetFile(file).read().to_pylist()
    ]
    return sorted(
        Delivery(
            number=row["delivery_number"],
            feed=row.get("feed", "videos"),
            file_name=row["delivery_file_name"],
            hash=row["delivery_hash"],
            is_synthetic=row["is_synthetic"],
            dialect=row["delivery_dialect"],
            byte_count=row["byte_count"],
            record_count=row["record_count"],
            landed_count=row["landed_count"],
            rejected_count=row["rejected_count"],
        )
        for row in rows
    )


def stand_in_name(rows: int, seed: int) -> str:
    """The name of the twin that stands in where no delivery is found."""
    return f"twin-{rows}-{seed}.csv"


def is_stand_in_name(file_name: str) -> bool:
    """Whether a file has such a name."""
    return re.fullmatch(r"twin-\d+--?\d+\.csv", file_name) is not None


def install(settings: Settings, delivery: Delivery, work: Path) -> None:
    """Add the delivery's own row to a finished work folder and move it into the landing folder.

    Args:
        settings: Where the landing folder is.
        delivery: What the folder holds.
        work: The folder, on the same file system; it is complete on disk before it moves.
    """
    row = {
        "delivery_number": delivery.number,
        "feed": delivery.feed,
        "delivery_file_name": delivery.file_name,
        "delivery_hash": delivery.hash,
        "is_synthetic": delivery.is_synthetic,
        "delivery_dialect": delivery.dialect,
        "byte_count": delivery.byte_count,
        "record_count": delivery.record_count,
        "landed_count": delivery.landed_count,
        "rejected_count": delivery.rejected_count,
    }
    parquet.write_table(contract.from_rows([row], "landed_deliveries"), work / "landed_deliveries.parquet")
    durable.sync_tree(work)
    work.rename(_folder(settings, delivery))
    durable.sync(settings.landing)


def remove(settings: Settings, deliveries: Sequence[Delivery]) -> None:
    """Take landed deliveries away, each at once and whole."""
    for delivery in deliveries:
        # Gone at once, so that a crash leaves the whole of it or nothing in the landing folder.
        gone = settings.work / f"removed-{delivery.hash[:12]}"
        durable.remove(gone)
        gone.parent.mkdir(parents=True, exist_ok=True)
        _folder(settings, delivery).rename(gone)
        durable.remove(gone)


def _folder(settings: Settings, delivery: Delivery) -> Path:
    return settings.landing / f"{delivery.number:05d}-{delivery.hash[:12]}"
