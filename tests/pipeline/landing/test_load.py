"""Any dialect of the same data lands the same; what cannot be read is rejected with its reason."""

import gzip
from collections import Counter

import pyarrow as pa
import pytest
from pyarrow import parquet

from pipeline.landing.cells.rules import EXPLANATIONS, REASONS, REPAIRS
from pipeline.landing.reading.byte_scan import survey
from pipeline.landing.synthetic import write_synthetic
from tests.pipeline.landing.dialects import dialects, read_rows, write_parquet
from tests.pipeline.landing.landing_cases import HEADER, file_of, load_bytes, record, values
from warehouse.errors import DataError
from warehouse.settings import Settings

ALL = {"reject_limit_share": 1.0}


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("twin")
    write_synthetic(folder / "twin.csv", 400, 7)
    rows = read_rows(folder / "twin.csv")
    return rows, dialects(rows), values(load_bytes((folder / "twin.csv").read_bytes(), folder))


def dialect_names():
    return list(dialects([[""] * 12]))


@pytest.mark.parametrize("name", dialect_names())
def test_a_dialect_lands_the_same_values(twin, tmp_path, name) -> None:
    _, files, expected = twin
    outcome = load_bytes(files[name], tmp_path)
    assert len(expected) == 400
    assert values(outcome) == expected
    assert outcome.rejects == []
    assert {repair.repair_kind for repair in outcome.loaded.repairs} <= {rule.code for rule in REPAIRS}


@pytest.mark.parametrize("as_floats", [False, True])
def test_parquet_lands_the_same_values(twin, tmp_path, as_floats) -> None:
    rows, _, expected = twin
    write_parquet(rows, tmp_path / "twin.parquet", as_floats=as_floats)
    assert values(load_bytes((tmp_path / "twin.parquet").read_bytes(), tmp_path)) == expected


def test_the_writers_write_what_they_say(twin) -> None:
    _, files, _ = twin
    assert len(set(files.values())) >= len(files) - 2, "only the published dialect's own spellings may coincide"
    assert b'""' in files["all lines wrapped"]
    assert b'\\"' in files["backslashes"]
    assert b"\\'" in files["backslashes"]
    assert b"&quot;" in files["HTML entities"]
    assert b'"1,' in files["thousands"]


@pytest.mark.parametrize(
    ("name", "kind", "column"),
    [
        ("gzip", "compression", "*"),
        ("byte order mark", "byte_order_mark", "*"),
        ("Windows-1252", "encoding", "*"),
        ("CR", "line_ends", "*"),
        ("tab", "delimiter", "*"),
        ("'id' for #", "header_name", "delivery_row_label"),
        ("other column order", "column_order", "*"),
        ("extra columns", "extra_column", "column 13"),
        ("some lines wrapped", "wrapped_line", "*"),
        ("blank lines", "blank_line", "*"),
        ("'NULL' for no value", "null_spelling", "claim_status"),
        ("blanks around numbers", "blanks", "video_id"),
        ("decimal zeros", "decimal_point", "video_view_count"),
        ("decimal commas", "decimal_comma", "video_view_count"),
        ("thousands", "thousands_separator", "video_view_count"),
        ("scientific", "scientific_notation", "video_view_count"),
        ("capitals and blanks", "category_spelling", "author_ban_status"),
        ("under scrutiny", "category_synonym", "author_ban_status"),
        ("backslashes", "escaped_quotes", "video_transcription_text"),
        ("HTML entities", "html_entities", "video_transcription_text"),
    ],
)
def test_a_repair_is_counted_with_an_example(twin, tmp_path, name, kind, column) -> None:
    _, files, _ = twin
    repairs = {
        (repair.repair_kind, repair.column_name): repair for repair in load_bytes(files[name], tmp_path).loaded.repairs
    }
    assert repairs[kind, column].repaired_count > 0
    assert repairs[kind, column].example_before != repairs[kind, column].example_after or kind == "blank_line"


def test_repaired_cells_are_counted_exactly(tmp_path) -> None:
    content = file_of(record(2, views="2000.0"), record(3, views='"3,000"'), record(4, views="0004"), good=1)
    outcome = load_bytes(content, tmp_path)
    assert [row["video_view_count"] for row in outcome.rows] == [1000, 2000, 3000, 4]
    assert {(repair.repair_kind, repair.repaired_count) for repair in outcome.loaded.repairs} == {
        ("decimal_point", 1),
        ("thousands_separator", 1),
        ("leading_zeros", 1),
    }


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("reason", "column", "bad"),
    [
        ("too_few_fields", None, "5,claim,7000000005"),
        ("too_few_fields", None, "words"),
        ("too_many_fields", None, record(5, text="a comma, without quotes")),
        ("unterminated_quote", None, record(5, text='"never closed')),
        ("broken_quote", None, record(5, text='"closed" too early')),
        ("invalid_bytes", None, record(5, text="f\udcfcr \udcff")),
        ("repeated_header", None, HEADER),
        ("totals_row", None, "Total,,,,,,,4000,400,40,20,4"),
        ("missing_value", "video_id", record(5, id="")),
        ("missing_value", "video_duration_sec", record(5, duration="NA")),
        ("missing_value", "verified_status", record(5, verified="")),
        ("missing_value", "author_ban_status", record(5, ban=" - ")),
        ("not_a_number", "video_view_count", record(5, views="many")),
        ("not_a_number", "video_view_count", record(5, views="12a")),
        ("not_a_number", "video_view_count", record(5, views="+5")),
        ("not_a_number", "video_view_count", record(5, views="0x1F")),
        ("not_a_number", "video_view_count", record(5, views="1_000")),
        ("not_a_number", "video_view_count", record(5, views='"12,34,567"')),
        ("not_a_number", "video_view_count", record(5, views="inf")),
        ("not_a_number", "video_id", record(5, id="abc")),
        ("negative_number", "video_like_count", record(5, likes="-1")),
        ("negative_number", "video_like_count", record(5, likes="-1.5")),
        ("fractional_number", "video_view_count", record(5, views="343296.5")),
        ("ambiguous_number", "video_view_count", record(5, views="343.296")),
        ("fractional_number", "video_view_count", record(5, views="3.43296e4")),
        ("fractional_number", "video_view_count", record(5, views="1e-3")),
        ("fractional_number", "video_view_count", record(5, views='"0,5"')),
        ("imprecise_number", "video_id", record(5, id="7.01767E+09")),
        ("imprecise_number", "video_view_count", record(5, views="1.23457e+12")),
        ("number_too_large", "video_view_count", record(5, views="9223372036854775808")),
        ("imprecise_number", "video_view_count", record(5, views="1e30")),
        ("duration_not_positive", "video_duration_sec", record(5, duration="0")),
        ("duration_not_positive", "video_duration_sec", record(5, duration="0.0")),
        ("unknown_category", "claim_status", record(5, status="rumour")),
        ("unknown_category", "verified_status", record(5, verified="maybe")),
        ("unknown_category", "author_ban_status", record(5, ban="shadowbanned")),
        ("duplicate_key", "video_id", record(5, id="7000000001")),
    ],
)
def test_a_bad_record_is_rejected_and_the_rest_lands(tmp_path, reason, column, bad, compressed) -> None:
    content = file_of(bad)
    outcome = load_bytes(gzip.compress(content) if compressed else content, tmp_path, **ALL)
    (reject,) = outcome.rejects
    assert (reject["reject_reason"], reject["rejected_column"]) == (reason, column)
    assert (reject["delivery_row_number"], reject["delivery_line_number"]) == (2, 3)
    assert reject["raw_text"] == bad.replace("\udcfc", "\\xfc").replace("\udcff", "\\xff")
    assert [row["delivery_row_number"] for row in outcome.rows] == [1, 3, 4]
    assert outcome.loaded.record_count == 4


def test_an_ambiguous_comma_is_rejected(tmp_path) -> None:
    rows = [record(2, views='"2000,0"'), record(3, views='"343,296"'), record(4, likes='"1,5"')]
    outcome = load_bytes(file_of(*rows), tmp_path, **ALL)
    assert [(reject["rejected_column"], reject["reject_reason"]) for reject in outcome.rejects] == [
        ("video_view_count", "ambiguous_number"),
        ("video_like_count", "fractional_number"),
    ]


def test_every_reason_is_shown_by_a_test() -> None:
    # Shown where it happens: in files of other formats, of events, and after an erasure.
    elsewhere = {"ambiguous_number", "not_a_timestamp", "no_time_zone", "ambiguous_time", "broken_json", "erased"}
    parametrized = test_a_bad_record_is_rejected_and_the_rest_lands.pytestmark
    (cases,) = [mark.args[1] for mark in parametrized if "reason" in mark.args[0]]
    assert elsewhere | {case[0] for case in cases} == {rule.code for rule in REASONS}


def test_codes_are_unique() -> None:
    assert len(EXPLANATIONS) == len(REPAIRS) + len(REASONS)


def test_the_first_of_a_video_lands_even_after_a_rejected_one(tmp_path) -> None:
    same = [record(number, id="5", **cells) for number, cells in ((2, {"views": "x"}), (3, {}), (4, {}), (5, {}))]
    outcome = load_bytes(file_of(*same), tmp_path, **ALL)
    assert [reject["delivery_row_number"] for reject in outcome.rejects] == [2, 4, 5]
    assert [row["delivery_row_number"] for row in outcome.rows if row["video_id"] == 5] == [3]


def test_reading_resumes_after_an_unterminated_quote(tmp_path) -> None:
    opened = record(2, text='"opened', ban="active")
    closed = record(4, text='"fine, with a comma"')
    outcome = load_bytes(file_of(opened, record(3), closed, record(5, text='"also fine, really"')), tmp_path, **ALL)
    assert [reject["delivery_row_number"] for reject in outcome.rejects] == [2]
    assert Counter(row["delivery_row_number"] for row in outcome.rows) == Counter([1, 3, 4, 5, 6, 7])


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (f"{record(2)},", "too_many_fields"),
        (f"{record(2, comments='')},", "too_many_fields"),
        (record(2, text='"i was told" " by a stranger"'), "broken_quote"),
        (record(2, text='"i was told" '), "broken_quote"),
    ],
)
def test_what_the_native_reader_would_pass_over_is_rejected(tmp_path, bad, reason) -> None:
    # DuckDB's strict mode reads each of these as a good record (2.0).
    outcome = load_bytes(file_of(bad, good=200), tmp_path)
    assert [(row["delivery_row_number"], row["reject_reason"], row["raw_text"]) for row in outcome.rejects] == [
        (2, reason, bad)
    ]


def test_blanks_in_front_of_a_quote_are_text(tmp_path) -> None:
    outcome = load_bytes(file_of(record(2, text=' "so they say"')), tmp_path)
    assert outcome.rows[1]["video_transcription_text"] == ' "so they say"'


@pytest.mark.parametrize("extra", ["", ',"a, b"'])
def test_lines_that_end_in_an_empty_field_are_plain(tmp_path, extra) -> None:
    path = tmp_path / "delivery.csv"
    path.write_text(f"a,b{',c' if extra else ''},d\n1,2{extra},\n3,4{extra},5", encoding="utf-8")
    found = survey(path, ",", 3 + bool(extra), Settings())
    assert found == (3, True)


def test_a_quoted_line_break_belongs_to_the_transcript(tmp_path) -> None:
    outcome = load_bytes(
        file_of(record(2, text='"one\ntwo, ""three""\n\nfour"'), record(3, views="x")), tmp_path, **ALL
    )
    assert outcome.rows[1]["video_transcription_text"] == 'one\ntwo, "three"\n\nfour'
    assert outcome.rejects[0]["delivery_line_number"] == 7
    assert outcome.rejects[0]["delivery_row_number"] == 3


@pytest.mark.parametrize(
    "text",
    [
        "nul \0 inside it",
        "bell \x07 and \x1b escape",
        "'; drop table videos; --",
        "=cmd()|' /c calc'!A1",
        "a \u2028 b \x85 c",
    ],
)
def test_hostile_text_stays_text(tmp_path, text) -> None:
    assert load_bytes(file_of(record(2, text=text)), tmp_path).rows[1]["video_transcription_text"] == text


def test_a_broken_invariant_lands(tmp_path) -> None:
    outcome = load_bytes(file_of(record(2, views="1", likes="5")), tmp_path)
    assert outcome.rejects == []
    assert outcome.rows[1]["video_like_count"] == 5


def test_extra_columns_are_kept_aside(tmp_path) -> None:
    lines = [
        f"{line},{extra}" for line, extra in zip([HEADER, record(1), record(2)], ["Cam'paign", "x", ""], strict=True)
    ]
    outcome = load_bytes("\n".join(lines).encode(), tmp_path)
    assert [(row["delivery_row_number"], row["column_name"], row["column_value"]) for row in outcome.extras] == [
        (1, "Cam'paign", "x")
    ]


def test_a_file_without_running_numbers_lands(tmp_path) -> None:
    content = "\n".join(line.split(",", 1)[1] for line in (HEADER, record(1), record(2))).encode()
    outcome = load_bytes(content, tmp_path)
    assert [row["delivery_row_label"] for row in outcome.rows] == [None, None]
    assert [row["delivery_row_number"] for row in outcome.rows] == [1, 2]
    assert "no_row_label" in {repair.repair_kind for repair in outcome.loaded.repairs}


@pytest.mark.parametrize("labels", [(1, 2, 3), (3, 1, 2), (2, 3, 4), (1, 2, 2), (0, 0, 0)])
def test_rows_are_numbered_by_their_place_whatever_their_labels_say(tmp_path, labels) -> None:
    records = [record(place, label=str(label)) for place, label in enumerate(labels, 1)]
    outcome = load_bytes("\n".join([HEADER, *records]).encode(), tmp_path)
    assert [row["delivery_row_label"] for row in outcome.rows] == list(labels)
    assert [row["video_id"] - 7_000_000_000 for row in outcome.rows] == [1, 2, 3]
    assert [row["delivery_row_number"] for row in outcome.rows] == [1, 2, 3]


def test_invalid_bytes_in_the_header_are_shown(tmp_path) -> None:
    outcome = load_bytes(b"\xff" + file_of(), tmp_path)
    first = outcome.extras[0]
    assert (first["column_name"], first["column_value"]) == ("\\xff#", "1")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \r\n \r\n", "nothing but blanks"),
        (HEADER.encode(), "no records"),
        (b'{"cells": [], "nbformat": 4}', "a notebook"),
        (b'[{"video_id": 1}]', "JSON"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "HTML"),
        (b"<?xml version='1.0'?><rows/>", "XML"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04 and no more", "an archive"),
        (b"\xd0\xcf\x11\xe0 old", "old spreadsheet"),
        (b"SQLite format 3\0", "SQLite"),
        (bytes(range(256)) * 20, "binary data"),
        (b"city,inhabitants\nUlm,126000\n", "lacks the columns claim_status"),
        (HEADER.replace("video_view_count", "plays").encode() + b"\n" + record(1).encode(), "video_view_count"),
        (f"{HEADER},VIDEO ID\n{record(1)},5".encode(), "more than one column video_id"),
        (record(1).encode() + b"\n" + record(2).encode(), "lacks the columns"),
        (b"PAR1 but not really", "broken Parquet"),
        (gzip.compress(file_of(), mtime=0)[:-20], "broken gzip"),
        (gzip.compress(b"\x1f\x8b" * 10, mtime=0), "binary data"),
        (file_of(record(2, text="x" * 5_000)), "longer|a line of more than 2,000"),
        (HEADER.encode() + b"\n" + b"y" * 100_000, "a line of more than 2,000"),
        (b"z" * 100_000, "a line of more than 2,000"),
        (file_of(record(2, views="x"), good=60), r"1 of 61 records \(1.64%\).*not_a_number in video_view_count"),
    ],
)
def test_what_cannot_be_a_delivery_is_refused_in_one_sentence(tmp_path, content, says) -> None:
    with pytest.raises(DataError, match=says) as caught:
        load_bytes(content, tmp_path, record_limit_characters=2_000)
    assert "delivery.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_decompression_bomb_is_refused(tmp_path) -> None:
    line = record(1).encode() + b"\n"
    bomb = gzip.compress(HEADER.encode() + b"\n" + line * 250_000)
    with pytest.raises(DataError, match="decompression bomb"):
        load_bytes(bomb, tmp_path)


def test_one_reject_in_a_hundred_is_within_the_limit(tmp_path) -> None:
    outcome = load_bytes(file_of(record(2, views="x"), good=99), tmp_path)
    assert (outcome.loaded.landed_count, outcome.loaded.rejected_count) == (99, 1)


@pytest.mark.parametrize(
    "name", ["a[1].csv", "x*.csv", "what?.csv", 'quote\'d "name".csv', "line\nbreak.csv", "ö {a,b}.csv"]
)
def test_a_file_is_read_as_itself_whatever_its_name(tmp_path, name) -> None:
    (tmp_path / "a1.csv").write_bytes(b"decoy")
    (tmp_path / "xy.csv").write_bytes(b"decoy")
    for content in (file_of(), file_of(record(2, views="2.0"))):
        outcome = load_bytes(content, tmp_path, name=name)
        assert outcome.loaded.landed_count == outcome.loaded.record_count
        assert "\n" not in outcome.rows[0]["delivery_file_name"]


def test_parquet_of_another_shape_is_judged_like_text(tmp_path) -> None:
    names = HEADER.split(",")
    cells = [record(number).split(",") for number in (1, 2, 3)]
    table = {name: [row[position] for row in cells] for position, name in enumerate(names)}
    table["video_view_count"] = pa.array([1.0, 2.5, None])
    table["video_id"] = pa.array([11, 12, 13])
    table["extra"] = pa.array([True, False, None])
    parquet.write_table(pa.table(table), tmp_path / "odd.parquet")
    outcome = load_bytes((tmp_path / "odd.parquet").read_bytes(), tmp_path, **ALL)
    assert [(row["video_id"], row["video_view_count"]) for row in outcome.rows] == [(11, 1), (13, None)]
    assert [reject["reject_reason"] for reject in outcome.rejects] == ["fractional_number"]
    assert "2.5" in outcome.rejects[0]["raw_text"]
    assert [row["column_value"] for row in outcome.extras] == ["true"]
