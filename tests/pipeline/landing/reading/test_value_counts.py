"""Records of spreadsheets and JSON are counted apart from the reader: one that it loses, or makes up, lands nothing."""

import json
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

import pytest
import xlsxwriter

from pipeline.landing.reading import formats
from pipeline.landing.reading.value_counts import count_json, count_sheet_rows
from tests.pipeline.landing.landing_cases import load_bytes
from tests.pipeline.landing.reading.test_formats import ROWS, records, typed, workbook
from warehouse.errors import DataError
from warehouse.settings import Settings

ROW = {"a": 'x"]}{', "b": [1, {"c": 2}]}


@pytest.mark.parametrize(
    ("is_list", "text", "expected"),
    [
        (False, "\n".join([json.dumps(ROW)] * 5), 5),
        (False, f"\ufeff{json.dumps(ROW)}\r\n\r\n  \r\n{{oops\r\n", 2),
        (True, json.dumps([ROW] * 5), 5),
        (True, "\ufeff" + json.dumps([ROW] * 5, indent=2), 5),
        (True, "\n".join([json.dumps(ROW, indent=1)] * 3), 3),
        (True, json.dumps([1, ROW, [ROW]]), 3),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_json_is_counted(tmp_path, is_list, text, expected, encoding) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, encoding=encoding, newline="")
    settings = Settings(home=tmp_path / "var")
    assert count_json(path, encoding, tmp_path, settings, is_list=is_list) == expected
    assert [*tmp_path.iterdir()] == [path]


def test_a_broken_list_is_no_count(tmp_path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"a": 1}, {"a": 2}')
    with pytest.raises(DataError, match=r"a\.json is broken JSON"):
        count_json(path, "utf-8", tmp_path, Settings(home=tmp_path / "var"), is_list=True)


def test_rows_of_a_sheet_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Notes").write_row(0, 0, ["see the next"])
        sheet = book.add_worksheet("Videos & more")
        sheet.write_row(1, 0, ["id", "text"])
        sheet.write_row(2, 0, [1, "a"])
        sheet.write_blank(3, 0, None, book.add_format({"bold": True}))
        sheet.write_formula(4, 0, '=""', None, "")
        sheet.write_row(6, 1, ["b"])
        sheet.write_boolean(7, 0, boolean=False)
        sheet.write_rich_string(8, 0, "c", book.add_format({"bold": True}), "d")
    assert count_sheet_rows(path, "Videos & more", 2) == 4
    assert count_sheet_rows(path, "Notes", 0) == 1


def without_the_first(found: Iterator[object]) -> Iterator[object]:
    return islice(found, 1, None)


def with_the_first_twice(found: Iterator[object]) -> Iterator[object]:
    first = next(found)
    return chain([first, first], found)


@pytest.mark.parametrize("change", [without_the_first, with_the_first_twice])
@pytest.mark.parametrize(("reader", "kind"), [("sheet_records", "xlsx"), ("fields_of", "list"), ("fields_of", "lines")])
def test_a_reader_that_loses_or_doubles_a_record_lands_nothing(tmp_path, monkeypatch, reader, kind, change) -> None:
    content = {
        "xlsx": lambda: workbook(tmp_path / "a.xlsx", {"Videos": [[typed(cell) for cell in row] for row in ROWS]}),
        "list": lambda: json.dumps(records()).encode(),
        "lines": lambda: "\n".join(map(json.dumps, records())).encode(),
    }[kind]()
    true = getattr(formats, reader)
    monkeypatch.setattr(formats, reader, lambda *arguments: change(iter(true(*arguments))))
    with pytest.raises(DataError, match=r"holds 5 records, but"):
        load_bytes(content, tmp_path, "delivery", reject_limit_share=1.0)
