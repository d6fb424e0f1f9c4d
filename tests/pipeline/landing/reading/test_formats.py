"""Archives, spreadsheets and JSON land as the CSV does that holds the same values."""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet

from pipeline.landing.ingest import ingest, try_delivery
from pipeline.landing.reading.dialect import NO_OPTIONS
from pipeline.landing.reading.options import Options
from tests.pipeline.landing.landing_cases import file_of, load_bytes, record, values
from warehouse.errors import DataError
from warehouse.settings import Settings

ALL = {"reject_limit_share": 1.0}
CSV = file_of(record(2, text='"say ""hello"", world"', status=""), record(3, views="343297"))
ROWS = list(csv.reader(io.StringIO(CSV.decode())))


@pytest.fixture
def expected(tmp_path: Path):
    return values(load_bytes(CSV, tmp_path))


def typed(cell: str) -> object:
    """A cell as a spreadsheet or a program holds it."""
    return float(cell) if cell.isdigit() else cell or None


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> bytes:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path.read_bytes()


def records(change=lambda rows: rows) -> list[dict[str, object]]:
    return change([dict(zip(ROWS[0], map(typed, row), strict=True)) for row in ROWS[1:]])


def zipped(**entries: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_a_spreadsheet_lands_like_the_csv(tmp_path, expected) -> None:
    rows = [["A report"], [], ROWS[0], *([typed(cell) for cell in row] for row in ROWS[1:]), []]
    outcome = load_bytes(workbook(tmp_path / "a.xlsx", {"Videos": rows, "Empty": []}), tmp_path, "book.xlsx")
    assert values(outcome) == expected
    assert outcome.loaded.dialect == "XLSX, sheet Videos"
    assert "lines_above_header" in {repair.repair_kind for repair in outcome.loaded.repairs}


def test_the_sheet_is_named_where_several_hold_something(tmp_path, expected) -> None:
    content = workbook(tmp_path / "a.xlsx", {"Notes": [["see the next"]], "Videos": ROWS})
    with pytest.raises(DataError, match=r"2 sheets .*Notes, Videos.*--sheet"):
        load_bytes(content, tmp_path)
    with pytest.raises(DataError, match="no sheet 'videos', but Notes, Videos"):
        load_bytes(content, tmp_path, options=Options(sheet="videos"))
    assert values(load_bytes(content, tmp_path, options=Options(sheet="Videos"))) == expected


def test_a_spreadsheet_rounds_ids_of_more_than_fifteen_digits(tmp_path) -> None:
    rows = [[typed(cell) for cell in row] for row in ROWS]
    rows[1][2], rows[2][2], rows[3][7] = 7_123_456_789_012_345_000.0, 999_999_999_999_999.0, 1.5
    outcome = load_bytes(workbook(tmp_path / "a.xlsx", {"Videos": [ROWS[0], *rows[1:]]}), tmp_path, **ALL)
    found = [(reject["delivery_line_number"], reject["reject_reason"]) for reject in outcome.rejects]
    assert found == [(2, "imprecise_number"), (4, "fractional_number")]
    assert "≈71234567890123" in outcome.rejects[0]["raw_text"]


@pytest.mark.parametrize(
    "written",
    [
        lambda: "\n".join(json.dumps(row) for row in records()),
        lambda: "\r\n\r\n".join(json.dumps(dict(reversed(row.items()))) for row in records()) + "\r\n",
        lambda: json.dumps(records()),
        lambda: json.dumps(records(), indent=2, ensure_ascii=False),
        lambda: "\ufeff" + json.dumps(records(lambda rows: [{k: v for k, v in row.items() if v} for row in rows])),
    ],
    ids=["lines", "lines in another order, blank ones between", "list", "indented list", "absent keys and a mark"],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_json_lands_like_the_csv(tmp_path, expected, written, pack) -> None:
    outcome = load_bytes(pack(written().encode()), tmp_path, "records.json")
    assert values(outcome) == expected
    assert outcome.rejects == []


def test_a_broken_line_of_json_costs_only_itself(tmp_path) -> None:
    lines = [json.dumps(row) for row in records()]
    broken = [lines[1][:-9], '{"video_id": 1, "video_id": 2}', '["no record"]', b"\xff".decode("latin-1")]
    content = "\n".join([lines[0], *broken, *lines[1:]]).encode("latin-1")
    outcome = load_bytes(content, tmp_path, "lines.jsonl", **ALL)
    found = [(reject["delivery_line_number"], reject["reject_reason"]) for reject in outcome.rejects]
    assert found == [(2, "broken_json"), (3, "broken_json"), (4, "broken_json"), (5, "invalid_bytes")]
    assert outcome.rejects[0]["raw_text"] == broken[0]
    assert len(outcome.rows) == len(lines)


def test_numbers_in_json_are_read_as_they_are_spelled(tmp_path) -> None:
    rows = ['{"x": 1, ' + json.dumps(row)[1:] for row in records()]
    big = rows[0].replace("7000000001.0", "9007199254740993").replace("1000.0", "3.43E+05")
    content = "\n".join([big, *rows[1:]]).encode()
    outcome = load_bytes(content, tmp_path, "lines.jsonl", **ALL)
    assert [reject["reject_reason"] for reject in outcome.rejects] == ["imprecise_number"]
    precise = content.replace(b"3.43E+05", b"343000")
    assert load_bytes(precise, tmp_path, "lines.jsonl").rows[0]["video_id"] == 9_007_199_254_740_993


def test_a_list_inside_json_stays_as_it_is(tmp_path) -> None:
    rows = records(lambda rows: [{**row, "video_transcription_text": ["a", 'b &amp; "c"']} for row in rows])
    outcome = load_bytes(json.dumps(rows).encode(), tmp_path)
    assert outcome.rows[0]["video_transcription_text"] == '["a", "b &amp; \\"c\\""]'


def test_a_broken_list_of_json_is_refused_by_its_line(tmp_path) -> None:
    content = json.dumps(records(), indent=1).encode()
    with pytest.raises(DataError, match=r"broken JSON on line \d+"):
        load_bytes(content[:-200], tmp_path)


@pytest.mark.parametrize("is_tried", [True, False])
@pytest.mark.parametrize("kind", ["zip", "parquet", "gzip"])
def test_what_a_reader_cannot_read_is_refused_in_one_sentence(tmp_path, kind, is_tried) -> None:
    path = tmp_path / f"broken.{kind}"
    if kind == "parquet":
        cells = {name: [row[place] for row in ROWS[1:]] for place, name in enumerate(ROWS[0])}
        parquet.write_table(pa.table(cells), path, compression="none")
        path.write_bytes(path.read_bytes()[:4] + bytes(700) + path.read_bytes()[704:])
    else:
        content = zipped(**{"a.csv": CSV}) if kind == "zip" else gzip.compress(CSV)
        path.write_bytes(content[:60] + bytes(60) + content[120:])
    settings = Settings(home=tmp_path / "var")
    with pytest.raises(DataError, match=f"broken.{kind}") as caught:
        try_delivery(settings, path) if is_tried else ingest(settings, [path], is_synthetic=False)
    assert "\n" not in str(caught.value)


def test_an_index_of_pandas_is_a_column(tmp_path, expected) -> None:
    import pandas as pd

    frame = pd.DataFrame(records()).set_index("video_id")
    parquet.write_table(pa.Table.from_pandas(frame), tmp_path / "indexed.parquet")
    assert values(load_bytes((tmp_path / "indexed.parquet").read_bytes(), tmp_path)) == expected


@pytest.mark.parametrize("inside", [CSV, gzip.compress(CSV)], ids=["csv", "gzip"])
def test_an_archive_with_one_table_lands(tmp_path, inside) -> None:
    settings = Settings(home=tmp_path / "var")
    path = tmp_path / "archive.zip"
    path.write_bytes(zipped(**{"folder/a.csv": inside, "__MACOSX/._a.csv": b"x", ".DS_Store": b"x"}))
    assert try_delivery(settings, path).landed_count == 5
    (delivery,) = ingest(settings, [path], is_synthetic=False)
    assert (delivery.file_name, delivery.landed_count) == ("archive.zip", 5)
    assert delivery.dialect.endswith("zip")
    assert [*settings.work.iterdir()] == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (zipped(**{"a.csv": CSV, "b.csv": CSV}), r"2 files \(a.csv, b.csv\).*one by one"),
        (zipped(), "holds 0 files"),
        (zipped(**{"a.csv": CSV})[:-40], "broken or locked archive"),
        (zipped(**{"a.csv": CSV + b"\n" * 30_000_000}), "decompression bomb"),
        (zipped(**{"a.zip": zipped(**{"a.csv": CSV})}), "an archive inside an archive"),
        (zipped(**{"xl/workbook.xml": b"<broken"}), "broken or locked spreadsheet"),
    ],
)
def test_an_archive_that_is_no_table_is_refused(tmp_path, content, says) -> None:
    path = tmp_path / "archive.zip"
    path.write_bytes(content)
    with pytest.raises(DataError, match=says) as caught:
        try_delivery(Settings(home=tmp_path / "var"), path, NO_OPTIONS)
    assert "archive.zip" in str(caught.value)
