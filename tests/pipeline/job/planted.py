"""A rare word in one transcript, its video's id and a reporter, planted where an erasure has to find them."""

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import duckdb
from pyarrow import parquet

from pipeline.landing.ingest import ingest
from pipeline.landing.sought import Sought
from pipeline.state import ledger
from review.store import Seen, Store
from tests.pipeline.landing.landing_cases import HEADER, record
from warehouse.settings import Settings

WORD = "zyxomma"
GONE, KEPT = 7_000_000_002, 7_000_000_001
REPORTER = "reporter-0815"
SOUGHT = Sought(video_ids=(GONE,), reporter_ids=(REPORTER,))
VIDEOS = [HEADER, record(1), record(2, text=f"a {WORD} was heard to sing by night"), record(3)]
BROKEN = record(2, text=f"a {WORD} was heard to sing by night", views="many")
REPORTS = [
    "report_id,video_id,reported_at,report_reason,reporter_id",
    f"r1,{GONE},2026-01-01T00:00:00Z,spam,someone",
    f"r2,{KEPT},2026-01-01T00:00:00Z,spam,{REPORTER}",
    f"r3,{KEPT},2026-01-01T00:00:00Z,spam,someone",
]
DECISIONS = [
    "decision_id,video_id,decided_at,decision,reviewer_id",
    f"d1,{GONE},2026-01-02T00:00:00Z,claim,anna",
    f"d2,{KEPT},2026-01-02T00:00:00Z,claim,anna",
]


def settings_of(folder: Path) -> Settings:
    return Settings(home=folder, lock_wait_sec=5, reject_limit_share=1.0, threads=1)


def deliver(settings: Settings, folder: Path, name: str, lines: list[str]) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    ingest(settings, [path], is_synthetic=False)
    return path


def planted_home(folder: Path) -> Settings:
    """A home in which everything that an erasure has to find has landed, been decided and left traces."""
    settings = settings_of(folder / "var")
    deliver(settings, folder, "videos.csv", [*VIDEOS, BROKEN])
    deliver(settings, folder, "reports.csv", REPORTS)
    deliver(settings, folder, "decisions.csv", DECISIONS)
    desk = Store(settings.desk)
    desk.decide("anna", [GONE, KEPT], "claim", Seen())
    desk.deliveries()
    desk.decide("anna", [GONE], "opinion", Seen())
    settings.models.mkdir()
    (settings.models / "transcript.skops").write_text(WORD)
    (settings.home / "dbt" / "logs").mkdir(parents=True)
    (settings.home / "dbt" / "logs" / "dbt.log").write_text(f"row {GONE} failed")
    (settings.home / "last-error.txt").write_text(f"row {GONE} failed")
    (settings.home / "set-aside" / "00007-0123456789ab").mkdir(parents=True)
    (settings.home / "set-aside" / "00007-0123456789ab" / "landed_videos.parquet").write_bytes(b"half " + WORD.encode())
    with duckdb.connect(settings.warehouse_file) as connection:
        connection.execute(f"create table videos as select {GONE} as video_id, '{WORD}' as words")
        connection.execute("delete from videos")
    ledger.append(settings.ledger, {"run_id": "a", "step": "audit", "status": "failed", "error": f"video_id: {GONE}"})
    return settings


def everything(folder: Path) -> str:
    """Every byte below a folder, with Parquet, DuckDB and SQLite decoded too."""
    texts = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = [path.read_bytes()]
        if zipfile.is_zipfile(path):  # models, workbooks
            with zipfile.ZipFile(path) as packed:
                content += [packed.read(name) for name in packed.namelist()]
        # numpy keeps each letter of a word in four bytes
        texts += [data.decode("latin-1") for part in content for data in (part, part.replace(b"\0", b""))]
        if path.suffix == ".parquet" and path.read_bytes().endswith(b"PAR1"):
            texts.append(str(parquet.read_table(path).to_pylist()))
        elif path.suffix == ".duckdb":
            with duckdb.connect(path, read_only=True) as connection:
                for schema, name in connection.execute(
                    "select table_schema, table_name from information_schema.tables"
                ).fetchall():
                    texts.append(str(connection.execute(f'select * from "{schema}"."{name}"').fetchall()))
        elif path.suffix == ".sqlite":
            with closing(sqlite3.connect(path)) as connection:
                texts.append("\n".join(connection.iterdump()))
        texts.append(str(path))
    return "\n".join(texts)


def traces(settings: Settings) -> list[str]:
    found = everything(settings.home)
    in_binary = GONE.to_bytes(8, "little").decode("latin-1")
    return [needle for needle in (WORD, str(GONE), REPORTER, in_binary) if needle in found]
