"""The landing folder: one sub-folder per delivery, which appears complete by one rename."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pyarrow import parquet

from pipeline.landing.manifest import damage, delivery_name, folder_name, is_earlier, read_delivery, write_manifest
from pipeline.landing.repairs import Repair
from pipeline.state import durable, home, journal
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
    """The deliveries that have landed, in order; a folder that is none of ours is passed over."""
    rows = [row for folder in settings.landing.glob("*") if (row := read_delivery(folder)) is not None]
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


def stand_in_names(rows: int, seed: int) -> dict[str, str]:
    """The names of the twin's files, by feed, that stand in where no delivery is found; in this order they land."""
    name = f"twin-{rows}-{seed}"
    return {"videos": f"{name}.csv", "decisions": f"{name}.decisions.csv", "reports": f"{name}.reports.csv"}


def stand_in_of(file_name: str) -> str | None:
    """The twin whose file has such a name; None where no twin's has."""
    found = re.fullmatch(r"(twin-\d+--?\d+)(\.decisions|\.reports)?\.csv", file_name)
    return found and found[1]


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
    write_manifest(work, row)
    durable.sync_tree(work)
    work.rename(folder_of(settings, delivery))
    durable.sync(settings.landing)


def remove(settings: Settings, deliveries: Sequence[Delivery]) -> None:
    """Take landed deliveries away, each at once and whole."""
    for delivery in deliveries:
        # Gone at once, so that a crash leaves the whole of it or nothing in the landing folder.
        gone = journal.reserve(settings, "removed")
        folder_of(settings, delivery).rename(gone)
        durable.remove(gone)


def damaged(settings: Settings, *, is_thorough: bool) -> list[tuple[Path, str]]:
    """The landings that are not as their manifests say.

    Args:
        settings: Where the landing folder is.
        is_thorough: Compare every byte, instead of the names and sizes of files.

    Returns:
        Each folder with the name of the first file at fault.
    """
    faults = [
        (folder, damage(folder) if is_thorough or read_delivery(folder) is None else None)
        for folder in sorted(settings.landing.glob("*"))
        if is_own(folder)
    ]
    return [(folder, fault) for folder, fault in faults if fault is not None]


def set_aside(settings: Settings, folder: Path) -> None:
    """Move a damaged landing out of the way, to be looked at."""
    home.set_aside(settings, folder)
    durable.sync(settings.landing)


def is_own(folder: Path) -> bool:
    """Whether a folder is a landing, or would be read as one; anything else here is somebody else's and stays."""
    return is_own_name(folder) or any(folder.rglob("landed_*.parquet"))


def is_declaration(file: Path) -> bool:
    """Whether a file is one of the empty tables by which dbt declares the columns of feeds that have not landed."""
    return file.match("landed_*.parquet") and file.is_file()


def is_own_name(folder: Path) -> bool:
    """Whether a folder is called as landings are."""
    return re.fullmatch(r"[0-9]{5}-[0-9a-f]{12}", folder.name) is not None


def set_damaged_aside(settings: Settings, *, is_thorough: bool) -> list[str]:
    """Set every damaged landing aside.

    Args:
        settings: Where the landing folder is.
        is_thorough: Compare every byte, instead of the names and sizes of files.

    Returns:
        What was done, one phrase each.
    """
    phrases = []
    for folder, fault in damaged(settings, is_thorough=is_thorough):
        why = "an earlier version landed it" if is_earlier(folder) else f"{fault} is not as it landed"
        set_aside(settings, folder)
        phrases.append(f"set landing/{folder.name} aside, since {why}; deliver it again")
    return phrases


def set_aside_folder(settings: Settings) -> Path:
    """Where damaged landings are kept."""
    return settings.home / "set-aside"


def numbers_set_aside(settings: Settings) -> dict[int, Path]:
    """The damaged landings that were set aside, by the numbers of their deliveries."""
    return {
        int(folder.name[:5]): folder for folder in sorted(set_aside_folder(settings).glob("*")) if is_own_name(folder)
    }


def lost_deliveries(settings: Settings) -> list[str]:
    """The names of the damaged landings that may have held real rows; the twin is written again where it is needed."""
    return [
        folder.name for folder in numbers_set_aside(settings).values() if not stand_in_of(str(delivery_name(folder)))
    ]


def folder_of(settings: Settings, delivery: Delivery) -> Path:
    """The landing folder of a delivery."""
    return settings.landing / folder_name(delivery.number, delivery.hash)
