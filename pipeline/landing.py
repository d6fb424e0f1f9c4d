"""The landing folder: one sub-folder per delivery, which appears complete by one rename."""

from typing import NamedTuple

from pipeline import durable
from warehouse.duckdb_engine import connect_for
from warehouse.settings import Settings


class Delivery(NamedTuple):
    """One landed delivery."""

    number: int
    file_name: str
    hash: str
    is_synthetic: bool
    record_count: int
    landed_count: int
    rejected_count: int
    is_new: bool


def landed_deliveries(settings: Settings) -> list[Delivery]:
    """The deliveries that have landed, in order."""
    files = sorted(settings.landing.glob("*/landed_deliveries.parquet"))
    if not files:
        return []
    with connect_for(settings) as connection:
        rows = connection.execute(
            "select delivery_number, delivery_file_name, delivery_hash, is_synthetic, record_count, landed_count, "
            "rejected_count from read_parquet($files) order by delivery_number",
            {"files": [str(path) for path in files]},
        ).fetchall()
    return [Delivery._make((*row, True)) for row in rows]


def remove_synthetic(settings: Settings) -> None:
    """Make room for real deliveries: synthetic and real rows never share a warehouse."""
    for delivery in landed_deliveries(settings):
        if delivery.is_synthetic:
            folder = settings.landing / f"{delivery.number:05d}-{delivery.hash[:12]}"
            # Gone at once, so that a crash leaves the whole of it or nothing in the landing folder.
            removed = settings.work / f"removed-{folder.name}"
            durable.remove(removed)
            folder.rename(removed)
            durable.remove(removed)
