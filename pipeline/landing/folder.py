"""The landing folder: one sub-folder per delivery, which appears complete by one rename."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pyarrow import parquet

from pipeline.landing.cells.repairs import Repair
from pipeline.landing.manifest import damage, delivery_name, folder_name, is_earlier, read_delivery, write_manifest
from pipeline.state import durable, home, journal
from warehouse import contract
from warehouse.errors import UsageError, WarehouseError
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
    erased_count: int = 0
    """Of the records that landed, those that were erased since."""
    as_of: str | None = None
    """The day of which it is, in ISO 8601, where somebody said."""
    newest_snapshot: str | None = None
    values_hash: str | None = None
    """The same for the same values, however they are written."""
    is_blanking_allowed: bool = False
    is_dropped: bool = False
    """Whether its file lay in `data/raw`."""
    is_new: bool = False
    repairs: tuple[Repair, ...] = ()
    """What was repaired, for a new delivery."""
    replaced: tuple[str, ...] = ()
    """Names of the synthetic deliveries that made room for it."""
    repeated_by: str = ""
    """The file that has just been found to hold the same values."""


def landed_deliveries(settings: Settings, *, is_withdrawn: bool = False) -> list[Delivery]:
    """The deliveries that have landed, in order; a folder that is none of ours is passed over.

    Args:
        settings: Where the landing folder is.
        is_withdrawn: Those that were taken back, instead of the others.

    Returns:
        One entry per delivery.
    """
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
            erased_count=row.get("erased_count") or 0,
            as_of=row.get("as_of"),
            newest_snapshot=row.get("newest_snapshot"),
            values_hash=row.get("values_hash"),
            is_blanking_allowed=row.get("is_blanking_allowed", False),
            is_dropped=row.get("is_dropped", False),
        )
        for row in rows
        if row.get("is_withdrawn", False) == is_withdrawn
    )


def stand_in_names(rows: int, seed: int) -> dict[str, str]:
    """The names of the twin's files, by feed, that stand in where no delivery is found; in this order they land."""
    name = f"twin-{rows}-{seed}"
    return {"videos": f"{name}.csv", "decisions": f"{name}.decisions.csv", "reports": f"{name}.reports.csv"}


def stand_in_of(file_name: str) -> str | None:
    """The twin whose file has such a name; None where no twin's has."""
    found = re.fullmatch(r"(twin-\d+--?\d+)(\.decisions|\.reports)?\.csv", file_name)
    return found and found[1]


def install(settings: Settings, delivery: Delivery, work: Path, *, is_withdrawn: bool = False) -> None:
    """Add the delivery's own row to a finished work folder and move it into the landing folder.

    Args:
        settings: Where the landing folder is.
        delivery: What the folder holds.
        work: The folder, on the same file system; it is complete on disk before it moves.
        is_withdrawn: Whether it holds nothing any more but what is known of the delivery.
    """
    describe(delivery, work, is_withdrawn=is_withdrawn)
    work.rename(folder_of(settings, delivery))
    durable.sync(settings.landing)


def describe(delivery: Delivery, work: Path, *, is_withdrawn: bool = False) -> None:
    """Add the delivery's own row and the manifest to a finished work folder, and bring all of it to the disk.

    Args:
        delivery: What the folder holds.
        work: The folder.
        is_withdrawn: Whether it holds nothing any more but what is known of the delivery.
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
        "erased_count": delivery.erased_count,
        "as_of": delivery.as_of,
        "newest_snapshot": delivery.newest_snapshot,
        "values_hash": delivery.values_hash,
        "is_blanking_allowed": delivery.is_blanking_allowed,
        "is_dropped": delivery.is_dropped,
        "is_withdrawn": is_withdrawn,
    }
    parquet.write_table(contract.from_rows([row], "landed_deliveries"), work / "landed_deliveries.parquet")
    write_manifest(work, row)
    durable.sync_tree(work)


def remove(settings: Settings, deliveries: Sequence[Delivery]) -> None:
    """Take landed deliveries away, each at once and whole."""
    for delivery in deliveries:
        # Gone at once, so that a crash leaves the whole of it or nothing in the landing folder.
        gone = journal.reserve(settings, "removed")
        folder_of(settings, delivery).rename(gone)
        durable.remove(gone)


def withdraw(settings: Settings, number: int) -> Delivery:
    """Take a delivery back: its rows leave; what is known of it stays, so that its file does not land by itself again.

    Args:
        settings: Where the landing folder is.
        number: The delivery's number.

    Returns:
        The delivery.

    Raises:
        WarehouseError: Nothing has landed.
        UsageError: No delivery has that number, or it was withdrawn before.
    """
    landed = {delivery.number: delivery for delivery in landed_deliveries(settings)}
    if not landed:
        raise WarehouseError("Nothing has landed that could be withdrawn. Run `claims ingest` first.")
    if number not in landed:
        known = ", ".join(f"{delivery.number} ({delivery.file_name})" for delivery in landed.values())
        raise UsageError(f"There is no delivery {number} to withdraw; {known} has landed.")
    # Both have one name, so the old one goes first: a crash between leaves none of it, and its file lands again.
    work = journal.reserve(settings, "withdrawn")
    work.mkdir()
    try:
        remove(settings, [landed[number]])
        install(settings, landed[number], work, is_withdrawn=True)
    finally:
        durable.remove(work)
    return landed[number]


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
