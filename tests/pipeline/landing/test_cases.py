"""Small files of the kinds that have landed wrongly elsewhere, each with its right outcome."""

import gzip
import io
import zipfile
from collections import Counter
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from pipeline.landing.reading.dialect import NO_OPTIONS
from pipeline.landing.reading.options import Options
from tests.pipeline.landing.landing_cases import HEADER, Outcome, file_of, load_bytes, record, values
from warehouse.errors import DataError

CASES = Path(__file__).with_name("cases")
ALL = {"reject_limit_share": 1.0}


def load_case(name: str, folder: Path, options: Options = NO_OPTIONS, **limits) -> Outcome:
    return load_bytes((CASES / name).read_bytes(), folder, Path(name).name, options=options, **limits)


def reasons(outcome: Outcome) -> Counter[tuple[str, str | None]]:
    return Counter((reject["reject_reason"], reject["rejected_column"]) for reject in outcome.rejects)


def kinds(outcome: Outcome) -> set[str]:
    return {repair.repair_kind for repair in outcome.loaded.repairs}


def texts(outcome: Outcome) -> list[str]:
    return [row["video_transcription_text"] for row in outcome.rows]


def stored(folder: Path, **columns: pa.Array) -> bytes:
    """A Parquet delivery of two good records but for some columns."""
    cells = [record(number).split(",") for number in range(1, 1 + len(next(iter(columns.values()))))]
    table = {name: pa.array([row[position] for row in cells]) for position, name in enumerate(HEADER.split(","))}
    parquet.write_table(pa.table({**table, **columns}), folder / "stored.parquet")
    return (folder / "stored.parquet").read_bytes()


def delivered_frame() -> pd.DataFrame:
    """The records of the cases in formats/, as somebody's notebook holds them."""
    return pd.read_json(CASES / "formats" / "lines.jsonl", lines=True)


@pytest.mark.parametrize(
    ("kind", "exact", "rounded"),
    [
        (pa.float16(), [1.0, 2048.0], [4096.0, 60000.0]),
        (pa.float32(), [5.0, 2.0**24], [2.0**24 + 2, 7123457024.0]),
        (pa.float64(), [7017666017.0, 2.0**53], [2.0**53 + 2, 7e18]),
    ],
)
def test_a_number_that_its_stored_type_cannot_hold_lands_as_none(tmp_path, kind, exact, rounded) -> None:
    content = stored(tmp_path, video_id=pa.array([*exact, *rounded], kind))
    outcome = load_bytes(content, tmp_path, **ALL)
    assert [row["video_id"] for row in outcome.rows] == [int(number) for number in exact]
    assert reasons(outcome) == {("imprecise_number", "video_id"): 2}
    assert "≈" in outcome.rejects[0]["raw_text"]


def test_a_file_of_ids_as_short_floats_is_refused_with_the_way_out(tmp_path) -> None:
    content = stored(tmp_path, video_id=pa.array([7123457024.0, 4111222272.0], pa.float32()))
    with pytest.raises(DataError, match=r"2 imprecise_number in video_id.*as whole numbers or as text"):
        load_bytes(content, tmp_path)
    # A whole file as pandas writes it: numbers are numbers, the ids alone are short.
    ids = pd.Series([7123457024.0, 4111222272.0, 9876543488.0], dtype="float32")
    frame = delivered_frame().head(3).assign(video_id=ids)
    with pytest.raises(DataError, match="3 imprecise_number in video_id"):
        load_bytes(frame.to_parquet(index=False), tmp_path, "id_float32.parquet")


def test_a_list_stays_as_delivered(tmp_path) -> None:
    words = [["say", 'a \\"word\\" &amp; more'], None]
    outcome = load_bytes(stored(tmp_path, video_transcription_text=pa.array(words)), tmp_path)
    assert texts(outcome) == ['["say","a \\\\\\"word\\\\\\" &amp; more"]', None]
    assert not kinds(outcome) & {"html_entities", "escaped_quotes"}


def test_dots_before_three_digits_have_two_readings(tmp_path) -> None:
    with pytest.raises(DataError, match="ambiguous_number in video_view_count"):
        load_case("german_round_thousands.csv", tmp_path)


@pytest.mark.parametrize(
    ("shown_by", "views", "lands_as"),
    [
        ("1.234.567", "120.000", 120_000),
        ("1.234,0", "120.000", 120_000),
        ("343296,0", "120.000", 120_000),
        ("19425.000", "120.000", 120),
        ("1,234,567", "120,000", 120_000),
        ("1,234.0", "120,000", 120_000),
        ("19425,000", "120,000", 120),
        ("1 234 567", "1 000", 1_000),
        ("1 234 567", "1\u202f000", 1_000),
        ("1'234'567", "1’000", 1_000),
        ("1'234'567", "1'234.0", 1_234),
        ("7", "120,000", 120_000),
        ("7", "\u00a07", 7),
        # Two readings
        ("7", "120.000", "ambiguous_number"),
        ("7", "1 000", "ambiguous_number"),
        ("7", "1'000", "ambiguous_number"),
        ("1.234.567", "120,000", "ambiguous_number"),
        ("19425.0 1.234.567", "120.000", "ambiguous_number"),
        ("19425.0 343.296", "120.000", "ambiguous_number"),
        ("19425,0 1,234,567", "120,000", "ambiguous_number"),
        # No count, whichever it is
        ("19425.0", "1.5", "fractional_number"),
        ("1'234'567", "1'234.5", "fractional_number"),
        ("1 234 567", "1'234 567", "not_a_number"),
        ("7", "1000L", "not_a_number"),
        ("7", "$1000", "not_a_number"),
        ("7", "1000%", "not_a_number"),
    ],
)
def test_a_sign_in_a_number_is_what_the_file_shows(tmp_path, shown_by, views, lands_as) -> None:
    evidence = [shown_by] if shown_by.startswith(("1 ", "1'")) else shown_by.split(" ")
    rows = [record(place, likes=f'"{cell}"') for place, cell in enumerate(evidence, 2)]
    outcome = load_bytes(file_of(record(50, views=f'"{views}"'), *rows), tmp_path, **ALL)
    landed = {row["delivery_row_label"]: row["video_view_count"] for row in outcome.rows}
    rejected = {reject["delivery_row_number"]: reject["reject_reason"] for reject in outcome.rejects}
    assert landed.get(50, rejected.get(2)) == lands_as


def test_other_signs_at_a_number_reject_it(tmp_path) -> None:
    outcome = load_case("spaces_in_number.csv", tmp_path, **ALL)
    assert {row["video_view_count"] for row in outcome.rows} == {1000}
    assert reasons(outcome) == {("ambiguous_number", "video_view_count"): 1, ("not_a_number", "video_view_count"): 4}


def test_a_file_that_a_spreadsheet_has_rounded_is_refused(tmp_path) -> None:
    with pytest.raises(DataError, match=r"imprecise_number.*saved by a spreadsheet: export the column as text"):
        load_case("excel_scientific_counts.csv", tmp_path)


@pytest.mark.parametrize("views", ["3.43E+05", "1E3", '"3,43E+05"'])
def test_fewer_digits_than_the_exponent_needs_are_imprecise(tmp_path, views) -> None:
    outcome = load_bytes(file_of(record(2, views=views), record(3, views="3.430E+03")), tmp_path, **ALL)
    assert reasons(outcome) == {("imprecise_number", "video_view_count"): 1}
    assert [row["video_view_count"] for row in outcome.rows] == [1000, 3430, 1000, 1000]


def test_only_complete_entities_of_one_reading_are_decoded(tmp_path) -> None:
    outcome = load_case("entities_literal.csv", tmp_path)
    assert texts(outcome)[3:11] == [
        "type <b> to make bold",
        "AT&T; R&D; Q&A;",
        "&copy 2020",
        "&notit; &amp",
        "a\u200bb",
        "\u00a0",
        "\nline",
        "\U0001f600",
    ]
    (counted,) = [repair.repaired_count for repair in outcome.loaded.repairs if repair.repair_kind == "html_entities"]
    assert counted == 7


@pytest.mark.parametrize("text", ["&#0;", "&#x110000;", "&#xD800;", "&#150;", "&#7;", "&notit;", "&amp"])
def test_anything_else_stays(tmp_path, text) -> None:
    outcome = load_bytes(file_of(record(2, text=f"a {text} b and more")), tmp_path)
    assert texts(outcome)[1] == f"a {text} b and more"
    assert "html_entities" not in kinds(outcome)


@pytest.mark.parametrize(
    ("name", "column"), [("header_cjk_extra_no_label.csv", "備考"), ("label_uuid_id_col.csv", "id")]
)
def test_an_odd_column_costs_no_record_and_is_kept_aside(tmp_path, name, column) -> None:
    outcome = load_case(name, tmp_path)
    assert outcome.rejects == []
    assert len(outcome.rows) == outcome.loaded.record_count
    assert {row["delivery_row_label"] for row in outcome.rows} == {None}
    assert {extra["column_name"] for extra in outcome.extras} == {column}
    assert len(outcome.extras) == len(outcome.rows)


@pytest.mark.parametrize("name", ["title_row.csv", "sep_line.csv", "header_camel.csv", "quoted_header_newline2.csv"])
def test_a_header_is_found_and_what_was_recognised_is_said(tmp_path, name) -> None:
    outcome = load_case(name, tmp_path)
    assert [row["video_id"] for row in outcome.rows] == [7_000_000_001, 7_000_000_002, 7_000_000_003, 7_000_000_900]
    assert kinds(outcome) & {"lines_above_header", "header_name"}


@pytest.mark.parametrize(
    ("above", "odd", "kind", "shown"),
    [
        ("\udcdcbersicht\n", record(3), "lines_above_header", r"\xdcbersicht"),
        ("", '"' + record(3, text='""caf\udce9""') + '"', "wrapped_line", r"caf\xe9"),
    ],
)
def test_bytes_that_are_no_text_are_shown_in_an_example(tmp_path, above, odd, kind, shown) -> None:
    # One word in UTF-8, and no other encoding is plausible.
    content = above.encode("utf-8", "surrogateescape") + file_of(record(2, text="größer"), odd)
    (repair,) = (repair for repair in load_bytes(content, tmp_path, **ALL).loaded.repairs if repair.repair_kind == kind)
    assert shown in (repair.example_before or "")


def test_a_header_is_looked_for_in_twenty_lines(tmp_path) -> None:
    comments = b"".join(b"# comment, %d\n" % number for number in range(19))
    outcome = load_bytes(b"\n" + comments + file_of(record(2, views="x")), tmp_path, **ALL)
    assert outcome.loaded.record_count == 4
    assert outcome.rejects[0]["delivery_line_number"] == 23
    with pytest.raises(DataError, match="lacks the columns"):
        load_bytes(b"# one more\n" + comments + file_of(), tmp_path)


@pytest.mark.parametrize(
    ("name", "reason", "says"),
    [
        ("header_in_middle.csv", "repeated_header", "a header repeated on line 5"),
        ("totals_row.csv", "totals_row", "a totals row on line 5"),
    ],
)
def test_a_line_about_records_is_named_for_what_it_is(tmp_path, name, reason, says) -> None:
    outcome = load_case(name, tmp_path, **ALL)
    assert reasons(outcome) == {(reason, None): 1}
    assert len(outcome.rows) == outcome.loaded.record_count - 1
    with pytest.raises(DataError, match=says):
        load_case(name, tmp_path)


def test_messages_name_the_column_as_the_file_does(tmp_path) -> None:
    content = file_of(record(2, views="many")).replace(b"video_view_count", b"Video View Count")
    with pytest.raises(DataError, match="1 not_a_number in Video View Count "):
        load_bytes(content, tmp_path)


def test_another_encoding_is_asked_for_and_then_read(tmp_path) -> None:
    with pytest.raises(DataError, match=r"can be read as .*cp1251.*--encoding"):
        load_case("cp1251.csv", tmp_path)
    outcome = load_case("cp1251.csv", tmp_path, Options(encoding="cp1251"))
    assert texts(outcome)[3:5] == ["ктото сказал", "новости"]
    assert "encoding" in kinds(outcome)


def test_a_text_encoded_twice_is_flagged_and_stays(tmp_path) -> None:
    outcome = load_case("double_encoded.csv", tmp_path)
    assert texts(outcome)[3].encode("latin-1").decode() == "слово"
    assert "double_encoded" in kinds(outcome)


def test_zeros_behind_compressed_data_are_no_obstacle(tmp_path) -> None:
    outcome = load_bytes(gzip.compress(file_of(), mtime=0) + b"\0" * 512, tmp_path)
    assert len(outcome.rows) == 3
    assert len(load_case("gz_trailing_zeros.csv.gz", tmp_path).rows) == 8


@pytest.mark.parametrize("name", ["book.xlsx", "lines.jsonl", "records.json"])
def test_every_format_lands_like_the_csv_in_the_archive(tmp_path, name) -> None:
    check_like_the_archive(load_case(f"formats/{name}", tmp_path), tmp_path)


def test_an_index_that_pandas_wrote_lands_as_the_column_it_was(tmp_path) -> None:
    content = delivered_frame().set_index("video_id").to_parquet()
    assert parquet.read_schema(io.BytesIO(content)).pandas_metadata["index_columns"] == ["video_id"]
    check_like_the_archive(load_bytes(content, tmp_path, "pandas_setindex.parquet"), tmp_path)


def check_like_the_archive(outcome: Outcome, folder: Path) -> None:
    with zipfile.ZipFile(CASES / "formats" / "archive.zip") as archive:
        (inside,) = archive.namelist()
        expected = load_bytes(archive.read(inside), folder)
    assert (len(outcome.rows), outcome.rejects) == (8, [])
    assert values(outcome) == values(expected)


def test_another_compression_is_a_clear_refusal(tmp_path) -> None:
    with pytest.raises(DataError, match=r"looks like zstd compressed data"):
        load_case("formats/c.csv.zst", tmp_path)


def test_every_case_has_a_test() -> None:
    texts = "".join(path.read_text() for path in CASES.parent.glob("test_*.py"))
    cases = [path for path in CASES.rglob("*") if path.is_file()]
    assert len(cases) > 20
    assert not [path.name for path in cases if path.name not in texts]


def test_many_extra_columns_land_and_too_many_are_refused_at_once(tmp_path) -> None:
    extra = [f"extra {number}" for number in range(400)]
    lines = [",".join([HEADER, *extra]), *(",".join([record(number), *("x" for _ in extra)]) for number in (1, 2, 3))]
    outcome = load_bytes("\n".join(lines).encode(), tmp_path)
    assert len(outcome.extras) == 1200
    with pytest.raises(DataError, match=r"412 columns, more than the limit of 411.*CLAIMS_COLUMN_LIMIT"):
        load_bytes("\n".join(lines).encode(), tmp_path, column_limit=411)
