"""Small files and what became of them, for the tests of landing."""

import shutil
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.landing.folder import landed_deliveries
from pipeline.landing.load import Loaded, load
from pipeline.landing.reading.dialect import NO_OPTIONS
from pipeline.landing.reading.options import Options
from warehouse.duckdb_engine import connect_for
from warehouse.settings import Settings

HEADER = (
    "#,claim_status,video_id,video_duration_sec,video_transcription_text,verified_status,author_ban_status,"
    "video_view_count,video_like_count,video_share_count,video_download_count,video_comment_count"
)


class Outcome(NamedTuple):
    """What a file gave."""

    loaded: Loaded
    rows: list[dict[str, Any]]
    rejects: list[dict[str, Any]]
    extras: list[dict[str, Any]]


def load_bytes(
    content: bytes, folder: Path, name: str = "delivery.csv", options: Options = NO_OPTIONS, **limits: Any
) -> Outcome:
    """Load a file's content without landing it, and read the tables that it gave."""
    settings = Settings(home=folder / "var", **limits)
    path = folder / name
    path.write_bytes(content)
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    with connect_for(settings) as connection:
        loaded = load(connection, settings, path, work, 1, options)
        tables = [
            connection.sql(f"select * from '{file}' order by delivery_row_number").to_arrow_table().to_pylist()
            if (file := work / f"landed_{kind}.parquet").exists()
            else []
            for kind in (loaded.feed, "rejects", "extras")
        ]
    return Outcome(loaded, *tables)


def values(outcome: Outcome) -> list[dict[str, Any]]:
    """The landed rows, without what tells them apart by their file."""
    return [{key: value for key, value in row.items() if key != "delivery_file_name"} for row in outcome.rows]


def record(number: int, **changed: str) -> str:
    """A good record, but for some cells."""
    cells = {
        "label": str(number),
        "status": "claim",
        "id": str(7_000_000_000 + number),
        "duration": "30",
        "text": f"someone said that number {number} is odd",
        "verified": "not verified",
        "ban": "active",
        "views": "1000",
        "likes": "100",
        "shares": "10",
        "downloads": "5",
        "comments": "1",
    }
    return ",".join({**cells, **changed}.values())


def file_of(*records: str, good: int = 3) -> bytes:
    """A file of some good records, with others between the first and the second."""
    lines = [HEADER, record(1), *records, *(record(900 + number) for number in range(1, good))]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def landed_numbers(settings: Settings) -> list[tuple[int, str]]:
    """Number and file of each landed delivery."""
    return [(delivery.number, delivery.file_name) for delivery in landed_deliveries(settings)]
