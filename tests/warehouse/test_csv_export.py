"""CSV exports are safe to open in a spreadsheet and lose nothing."""

import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.csv_export import write_csv


def exported(table):
    stream = io.StringIO()
    write_csv(table, stream)
    return list(csv.reader(io.StringIO(stream.getvalue(), newline="")))


@pytest.mark.parametrize(
    "start",
    ["=", "+", "-", "@", "\t", "\r", "\n", "\n=", "\r\n=", " =", "\u00a0=", "\u200b=", "\ufeff=", "\0=", "\uff1d"],
)
def test_a_formula_becomes_text(start):
    cell = f"{start}cmd|' /c calc'!A1"
    assert exported(pa.table({"text": [cell]}))[1] == ["'" + cell]


def test_a_formula_in_a_header_becomes_text():
    assert exported(pa.table({"=1+1": ["a"]}))[0] == ["'=1+1"]


def test_numbers_and_harmless_text_stay_as_they_are():
    rows = pa.table(
        {"count": [-5, None], "rate": [-0.5, 0.25], "text": ['a = b, "c"', "2-1\nö"], "flag": [True, False]}
    )
    assert exported(rows) == [
        ["count", "rate", "text", "flag"],
        ["-5", "-0.5", 'a = b, "c"', "true"],
        ["", "0.25", "2-1\nö", "false"],
    ]


def test_dictionary_columns_are_defused_too():
    assert exported(pa.table({"text": pa.array(["=a", "b", None]).dictionary_encode()}))[1:] == [["'=a"], ["b"], []]


def test_files_streams_and_readers_give_the_same_bytes(tmp_path):
    table = pa.table({"text": ["=a", "b"], "count": [1, 2]})
    write_csv(table, tmp_path / "table.csv")
    stream = io.BytesIO()
    write_csv(table.to_reader(max_chunksize=1), stream)
    assert stream.getvalue() == (tmp_path / "table.csv").read_bytes() == b'"text","count"\n"\'=a",1\n"b",2\n'


def test_a_table_without_rows_still_has_its_header():
    assert exported(pa.table({"text": pa.array([], pa.string())})) == [["text"]]


@given(st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]))), min_size=1))
def test_no_cell_begins_like_a_formula_and_none_is_lost(texts):
    rows = exported(pa.table({"number": range(len(texts)), "text": pa.array(texts, pa.string())}))[1:]
    assert [row[1].removeprefix("'") for row in rows] == [(text or "").removeprefix("'") for text in texts]
    assert not any(row[1].lstrip()[:1] in ("=", "+", "-", "@") and row[1][:1] != "'" for row in rows)
    assert not any(row[1][:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and row[1] for row in rows)
