"""`claims export`: every public table, in every format."""

import csv
import stat
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from pipeline.cli import main
from pipeline.release.export import export
from pipeline.release.site import rebuild_site
from warehouse import contract
from warehouse.errors import UsageError
from warehouse.settings import Settings

TABLES = sorted(contract.public_tables())


def row_count(settings: Settings, name: str) -> int:
    with duckdb.connect(str(settings.current / "claims.duckdb"), read_only=True) as connection:
        return connection.execute(f"select count(*) from marts.{name}").fetchall()[0][0]


def test_parquet_holds_every_row_and_description_of_every_table(built_warehouse: Settings, tmp_path: Path):
    written = export(built_warehouse, "parquet", tmp_path)
    assert sorted(path.stem for path in written) == TABLES
    with duckdb.connect() as connection:
        found = connection.execute(
            "select count(*) from read_parquet($1)", [str(tmp_path / "fct_videos.parquet")]
        ).fetchall()[0][0]
    assert found == row_count(built_warehouse, "fct_videos")
    for folder in (tmp_path, built_warehouse.current / "parquet"):
        schema = pq.read_schema(folder / "fct_videos.parquet")
        for column in contract.columns("fct_videos"):
            assert schema.field(column.name).metadata[b"description"].decode() == column.description
    view = pq.read_schema(tmp_path / "video_features.parquet")
    assert view.metadata[b"description"].decode() == contract.table("video_features").description


def test_csv_is_safe_to_open_in_a_spreadsheet(built_warehouse: Settings, tmp_path: Path):
    export(built_warehouse, "csv", tmp_path)
    with (tmp_path / "fct_review_queue.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == row_count(built_warehouse, "fct_review_queue")
    numbers = {
        column.name for column in contract.columns("fct_review_queue") if column.data_type in {"bigint", "double"}
    }
    assert not any(
        value.startswith(("=", "+", "-", "@")) for row in rows for name, value in row.items() if name not in numbers
    )


def test_two_exports_are_alike(built_warehouse: Settings, tmp_path: Path):
    for folder in ("first", "second"):
        export(built_warehouse, "csv", tmp_path / folder)
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes(), path.name


def test_hyper_round_trip(built_warehouse: Settings, tmp_path: Path):
    pantab = pytest.importorskip("pantab", reason="the extra hyper is not installed")
    export(built_warehouse, "hyper", tmp_path)
    frame = pantab.frame_from_hyper(tmp_path / "fct_review_queue.hyper", table="fct_review_queue")
    assert len(frame) == row_count(built_warehouse, "fct_review_queue")
    assert list(frame.columns) == [column.name for column in contract.columns("fct_review_queue")]


def test_a_release_is_never_written_into(built_warehouse: Settings, tmp_path: Path):
    for write in (
        lambda folder: export(built_warehouse, "csv", folder),
        lambda folder: rebuild_site(built_warehouse, folder),
    ):
        with pytest.raises(UsageError, match="where only claims itself writes"):
            write(built_warehouse.current / "mine")
    assert not (built_warehouse.current / "mine").exists()
    assert not stat.S_IMODE((built_warehouse.current / "report" / "index.html").stat().st_mode) & 0o222


def test_what_is_there_is_replaced_only_when_asked(built_warehouse: Settings, tmp_path: Path):
    (tmp_path / "fct_videos.csv").write_text("mine")
    (tmp_path / "index.html").write_text("mine")
    for write in (
        lambda **how: export(built_warehouse, "csv", tmp_path, **how),
        lambda **how: rebuild_site(built_warehouse, tmp_path, **how),
    ):
        with pytest.raises(UsageError, match=r"exists[.] Choose another name, or add --force"):
            write()
    assert (tmp_path / "fct_videos.csv").read_text() == (tmp_path / "index.html").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 2
    export(built_warehouse, "csv", tmp_path, is_forced=True)
    assert (tmp_path / "fct_videos.csv").read_text() != "mine"


def test_an_unknown_format_names_the_known_ones(tmp_path: Path):
    result = CliRunner().invoke(main.app, ["export", "--format", "xlsx", "--output", str(tmp_path)])
    assert isinstance(result.exception, UsageError)
    assert "parquet, csv, hyper" in str(result.exception)


def test_report_renders_the_current_release_again(built_warehouse: Settings, tmp_path: Path):
    written = rebuild_site(built_warehouse, tmp_path / "pages")
    assert written
    for path in written:
        place = path.relative_to(tmp_path / "pages")
        # A release keeps the handouts beside its pages, pages elsewhere keep them below.
        folder = "." if place.parts[0] == "handouts" else "report"
        released = (built_warehouse.current / folder / place).read_bytes().replace(b'"../handouts/', b'"handouts/')
        assert path.read_bytes() == released, place
