"""From deliveries to marts: what arrives in pieces, in any order and dialect, is the same warehouse."""

import hashlib

import pytest
from pyarrow import parquet

from pipeline.job.dbt_runner import run_dbt
from pipeline.landing.folder import landed_deliveries, remove
from pipeline.landing.ingest import ingest
from pipeline.landing.synthetic import write_synthetic
from tests.pipeline.landing.dialects import dialects, read_rows, text_of
from tests.pipeline.landing.landing_cases import HEADER, record
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.errors import DataError
from warehouse.settings import Settings

MODELS = ["--exclude", "source:ml+"]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return Settings(home=tmp_path_factory.mktemp("marts") / "var", lock_wait_sec=5)


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    path = tmp_path_factory.mktemp("twin") / "twin.csv"
    write_synthetic(path, 300, 7)
    return read_rows(path)


@pytest.fixture
def start(home, tmp_path):
    """An empty landing folder, and a way to deliver into it."""
    remove(home, landed_deliveries(home) if home.landing.exists() else [])

    def deliver(**files: bytes):
        paths = []
        for name, content in files.items():
            paths.append(tmp_path / f"{name}.csv")
            paths[-1].write_bytes(content)
        return ingest(home, paths, is_synthetic=False)

    return deliver


def checksums(settings: Settings) -> dict[str, str]:
    """A checksum of each mart's values; where a row came from is no value."""
    run_dbt(settings, "build", [*MODELS, "--exclude-resource-type", "test", "unit_test"])
    found = {}
    with DuckDBEngine.open(settings, read_only=True) as engine:
        for name, table in contract.tables().items():
            columns = [column.name for column in table.columns if not column.name.startswith("delivery_")]
            if table.schema == "marts" and name in built_marts(engine):
                listed = ", ".join(f'"{column}"' for column in columns)
                answer = engine.query(f"select {listed} from {contract.relation(name)} order by all")
                found[name] = hashlib.sha256(repr(answer.to_pylist()).encode()).hexdigest()
    return found


def built_marts(engine: DuckDBEngine) -> set[str]:
    tables = engine.query("select table_name from information_schema.tables where table_schema = 'marts'")
    return set(tables["table_name"].to_pylist())


def test_pieces_in_any_order_and_dialect_give_the_same_marts(home, start, rows) -> None:
    start(whole=text_of(rows).encode())
    expected = checksums(home)
    assert len(expected) > 4
    assert "fct_videos" in expected
    first, second = [rows[0], *rows[1:120]], [rows[0], *rows[120:]]

    remove(home, landed_deliveries(home))
    start(b=dialects(second)["UTF-16, semicolon, bare CR, floats, gzip"])
    start(a=dialects(first)["some lines wrapped"])
    assert [delivery.record_count for delivery in landed_deliveries(home)] == [181, 119]
    assert checksums(home) == expected

    changed = [[*row[:7], "7", *row[8:]] if row[7].isdigit() else row for row in first]
    remove(home, landed_deliveries(home))
    start(a=text_of(changed).encode(), b=text_of(second).encode())
    assert checksums(home) != expected, "another value is another checksum"


@pytest.mark.slow
@pytest.mark.parametrize("name", list(dialects([[""] * 12])))
def test_every_dialect_gives_the_same_marts(home, start, rows, name) -> None:
    start(whole=text_of(rows).encode())
    expected = checksums(home)
    remove(home, landed_deliveries(home))
    start(whole=dialects(rows)[name])
    assert checksums(home) == expected


def test_a_later_delivery_supersedes_and_everything_is_accounted_for(home, start) -> None:
    older = [record(number) for number in range(1, 201)]
    newer = [record(number, views="999999") for number in range(101, 251)] + [record(300, views="x")]
    start(a="\n".join([HEADER, *older]).encode(), b="\n".join([HEADER, *newer]).encode())
    run_dbt(home, "build", MODELS)
    relations = {name: contract.relation(name) for name in ("reconciliation", "rejected_rows", "fct_videos")}
    with DuckDBEngine.open(home, read_only=True) as engine:
        accounts, rejected, views, staged = (
            engine.query(sql.format(**relations)).to_pylist()
            for sql in (
                "select * from {reconciliation} order by delivery_number",
                "select * from {rejected_rows}",
                "select video_view_count, count(*) as videos from {fct_videos} group by all order by all",
                "select count(*) as row_count from staging.stg_tiktok__videos",
            )
        )
    counts = ["record_count", "landed_count", "rejected_count", "current_count", "superseded_count", "is_reconciled"]
    assert [[account[count] for count in counts] for account in accounts] == [
        [200, 200, 0, 100, 100, True],
        [151, 150, 1, 150, 0, True],
    ]
    assert [(row["delivery_line_number"], row["reject_reason"], row["raw_text"]) for row in rejected] == [
        (152, "not_a_number", newer[-1])
    ]
    assert [(row["video_view_count"], row["videos"]) for row in views] == [(1000, 100), (999999, 150)]
    assert staged == [{"row_count": 350}], "superseded rows stay queryable"


def test_a_lost_row_stops_the_build(home, start) -> None:
    start(a="\n".join([HEADER, *(record(number) for number in range(1, 11))]).encode())
    (folder,) = home.landing.glob("*-*")
    table = parquet.ParquetFile(folder / "landed_videos.parquet").read()
    parquet.write_table(table.slice(1), folder / "landed_videos.parquet")
    with pytest.raises(DataError, match="reconciliation"):
        run_dbt(home, "build", ["--select", "+reconciliation"])
