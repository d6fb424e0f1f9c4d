"""What new deliveries change, in the words of `quality.delivery_changes`, the one place where it is counted."""

from collections.abc import Collection, Sequence
from typing import Any

from pipeline.job.dbt_runner import run_dbt
from pipeline.landing.folder import Delivery, landed_deliveries
from pipeline.landing.report import changes_in_words
from pipeline.state import durable, journal
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.factory import open_engine
from warehouse.protocol import Engine
from warehouse.settings import Settings

_TABLE = "delivery_changes"
# So many deliveries are told one by one, more are summed up.
_TOLD_ONE_BY_ONE = 3


def counted_deliveries(settings: Settings) -> frozenset[int]:
    """The numbers of the deliveries that the last build has counted."""
    if settings.target == "dev" and not settings.warehouse_file.exists():
        return frozenset()
    relation = contract.relation(_TABLE)
    with open_engine(settings, read_only=True) as engine:
        if relation not in engine.relations():
            return frozenset()
        rows = engine.query(f"select delivery_number from {relation}").to_pylist()  # noqa: S608 - the contract's names
    return frozenset(row["delivery_number"] for row in rows)


def told_after_build(settings: Settings, counted: Collection[int]) -> list[str]:
    """What the deliveries change that a build has just counted for the first time.

    Args:
        settings: Where the working warehouse is.
        counted: Those that were counted before.

    Returns:
        A phrase each.
    """
    numbers = {delivery.number for delivery in _deliveries(settings)} - set(counted)
    if not _is_told(settings, numbers):
        return []
    with open_engine(settings, read_only=True) as engine:
        return _phrases(engine, numbers)


def told_aside(settings: Settings, numbers: Collection[int]) -> list[str]:
    """What deliveries change, counted by the same model in a place of its own: nobody waits for the working warehouse.

    Args:
        settings: Where the deliveries have landed.
        numbers: Of deliveries that have just landed.

    Returns:
        A phrase each; with one delivery of videos nothing is changed and nothing is counted.
    """
    if not _is_told(settings, numbers):
        return []
    aside = settings.model_copy(update={"home": journal.reserve(settings, "changes"), "target": "dev"})
    try:
        aside.home.mkdir()
        aside.landing.symlink_to(settings.landing)
        run_dbt(aside, "run", ["--select", f"+{_TABLE}"])
        with DuckDBEngine.open(aside, read_only=True) as engine:
            return _phrases(engine, numbers)
    finally:
        durable.remove(aside.home)


def _deliveries(settings: Settings) -> list[Delivery]:
    return [delivery for delivery in landed_deliveries(settings) if delivery.feed == "videos"]


def _is_told(settings: Settings, numbers: Collection[int]) -> bool:
    videos = {delivery.number for delivery in _deliveries(settings)}
    return len(videos) > 1 and not videos.isdisjoint(numbers)


def _phrases(engine: Engine, numbers: Collection[int]) -> list[str]:
    rows = engine.query(f"select * from {contract.relation(_TABLE)} order by delivery_number").to_pylist()  # noqa: S608
    rows = [row for row in rows if row["delivery_number"] in numbers]
    return [changes_in_words(row) for row in (rows if len(rows) <= _TOLD_ONE_BY_ONE else [_sum(rows)])]


def _sum(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    counts = {name: sum(row[name] for row in rows) for name in rows[0] if name.endswith("_count")}
    return {**counts, "delivery_file_name": f"{len(rows)} deliveries of videos"}
