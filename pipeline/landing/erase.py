"""Erasing records that have landed: a delivery's folder is written anew without them and takes the old one's place.

A new folder is complete in `erasing/` before the old one goes; `finish` brings it to its place, after a kill too.
"""
# ruff: noqa: S608 - composed SQL holds literals that are quoted and the contract's names

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from pipeline.landing import folder
from pipeline.landing.cells.validate import copy_table
from pipeline.landing.folder import Delivery, folder_of, landed_deliveries
from pipeline.landing.sought import Sought
from pipeline.landing.values import measure
from pipeline.state import durable, journal
from warehouse import contract
from warehouse.duckdb_engine import connect_for, sql_literal
from warehouse.settings import Settings


def waiting_folder(settings: Settings) -> Path:
    """Where an erasure under way keeps its request and the folders that are about to take their places."""
    return settings.home / "erasing"


def transcripts_of(settings: Settings, sought: Sought) -> set[str]:
    """The words of the videos, as every delivery tells them."""
    texts: set[str] = set()
    for delivery in landed_deliveries(settings):
        if delivery.feed == "videos" and sought.video_ids:
            table = sql_literal(folder_of(settings, delivery) / "landed_videos.parquet")
            with connect_for(settings) as connection:
                rows = connection.execute(
                    f"select distinct video_transcription_text from read_parquet({table}) "
                    f"where {sought.condition({'video_id'})} and video_transcription_text <> ''"
                ).fetchall()
            texts |= {text for (text,) in rows}
    return texts


def count_records(settings: Settings, sought: Sought) -> int:
    """Landed records that would be erased."""
    count = 0
    for delivery in landed_deliveries(settings):
        feed = contract.feeds()[delivery.feed]
        with connect_for(settings) as connection:
            table = sql_literal(folder_of(settings, delivery) / f"{feed.table}.parquet")
            condition = sought.condition({column.name for column in feed.columns})
            row = connection.execute(f"select count(*) from read_parquet({table}) where {condition}").fetchone()
            count += int(row[0]) if row else 0
    return count


def landed_of(settings: Settings, sought: Sought) -> set[tuple[str, Any]]:
    """Columns and values of what is sought that a landed record holds, or the text of a rejected one."""
    found: set[tuple[str, Any]] = set()
    for delivery in landed_deliveries(settings):
        feed = contract.feeds()[delivery.feed]
        place = folder_of(settings, delivery)
        table = sql_literal(place / f"{feed.table}.parquet")
        with connect_for(settings) as connection:
            for column in sought.columns().keys() & {column.name for column in feed.columns}:
                rows = connection.execute(
                    f"select distinct {column} from read_parquet({table}) where {sought.condition({column})}"
                ).fetchall()
                found |= {(column, value) for (value,) in rows}
        texts = parquet.read_table(place / "landed_rejects.parquet", columns=["raw_text"])["raw_text"].to_pylist()
        told = [text for text in texts if sought.is_in(text)]
        found |= {pair for pair in sought.each() if any(Sought.of([pair]).is_in(text) for text in told)}
    return found


def erase_records(settings: Settings, sought: Sought) -> dict[str, int]:
    """Write every landed delivery that holds any of them anew; done twice, it finds nothing the second time.

    Args:
        settings: Where the landing folder is.
        sought: What to erase.

    Returns:
        How much went, by what it was.
    """
    finish(settings)
    counts: Counter[str] = Counter()
    for delivery in landed_deliveries(settings):
        counts += _rewrite(settings, delivery, sought)
    return dict(counts)


def finish(settings: Settings) -> None:
    """Bring folders that were written anew to their places; a kill between loses nothing."""
    for waiting in sorted(path for path in waiting_folder(settings).glob("*") if folder.is_own_name(path)):
        place, gone = settings.landing / waiting.name, None
        if place.exists():
            gone = journal.reserve(settings, "removed")
            place.rename(gone)
        waiting.rename(place)
        durable.sync(settings.landing)
        durable.sync(waiting_folder(settings))
        if gone is not None:
            durable.remove(gone)


def _rewrite(settings: Settings, delivery: Delivery, sought: Sought) -> Counter[str]:
    old, feed = folder_of(settings, delivery), contract.feeds()[delivery.feed]
    rows = old / f"{feed.table}.parquet"
    if not rows.exists():
        return Counter()
    condition = sought.condition({column.name for column in feed.columns})
    rejects = parquet.read_table(old / "landed_rejects.parquet")
    hit = {place for place, text in enumerate(rejects["raw_text"].to_pylist()) if sought.is_in(text)}
    repairs = parquet.read_table(old / "landed_repairs.parquet")
    with connect_for(settings) as connection:
        reader = f"read_parquet({sql_literal(rows)})"
        numbers = [
            str(number)
            for (number,) in connection.execute(
                f"select delivery_row_number from {reader} where {condition}"
            ).fetchall()
        ]
        told = {
            place for place, row in enumerate(repairs.to_pylist()) if numbers and row["repair_kind"] != "extra_column"
        }
        told |= {place for place, row in enumerate(repairs.to_pylist()) if _tells(row, sought)}
        if not numbers and not hit and not told:
            return Counter()
        work = journal.reserve(settings, "erased")
        shutil.copytree(old, work)
        kept = work / rows.name
        copy_table(connection, f"from {reader} where not ({condition})", kept)
        extras = old / "landed_extras.parquet"
        if extras.exists() and numbers:
            copy_table(
                connection,
                f"from read_parquet({sql_literal(extras)}) where delivery_row_number not in ({', '.join(numbers)})",
                work / extras.name,
            )
        values = measure(connection, kept, feed)
    erased = {"raw_text": None, "rejected_column": None, "reject_reason": "erased"}
    parquet.write_table(_with(rejects, hit, erased), work / "landed_rejects.parquet", compression="zstd")
    blank = {"example_before": None, "example_after": None}
    parquet.write_table(_with(repairs, told, blank), work / "landed_repairs.parquet")
    folder.describe(
        delivery._replace(
            erased_count=delivery.erased_count + len(numbers),
            values_hash=values.hash,
            newest_snapshot=values.newest_snapshot,
        ),
        work,
    )
    waiting_folder(settings).mkdir(exist_ok=True)
    work.rename(waiting_folder(settings) / old.name)
    durable.sync(waiting_folder(settings))
    finish(settings)
    return Counter({f"{delivery.feed} landed": len(numbers), "rejected records": len(hit)})


def _tells(repair: dict[str, Any], sought: Sought) -> bool:
    examples = [text for text in (repair["example_before"], repair["example_after"]) if text]
    # Examples are cut short: the beginning of a transcript tells of it too.
    starts = tuple(text[: len(example)] for example in examples for text in sought.transcripts)
    return any(sought.is_in(example) for example in examples) or any(example in starts for example in examples)


def _with(table: pa.Table, places: set[int], changes: dict[str, Any]) -> pa.Table:
    """The table with some cells of the rows at some places changed."""
    rows = [{**row, **changes} if place in places else row for place, row in enumerate(table.to_pylist())]
    # DuckDB marks a column without NULL as one that never has any.
    return pa.Table.from_pylist(rows, schema=pa.schema([field.with_nullable(True) for field in table.schema]))
