"""Whatever happens to a good file: every record lands or is rejected for a reason, and both readers agree."""

import tempfile
from pathlib import Path
from unittest.mock import PropertyMock, patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.landing.cells.rules import REASONS
from pipeline.landing.reading.csv_reader import Shape, Tally, parse_record, split_fields
from pipeline.landing.reading.dialect import Dialect
from pipeline.landing.reading.raw_records import stage_carefully
from pipeline.landing.synthetic import write_synthetic
from tests.pipeline.landing.dialects import mapped, numbers, read_rows, text_of
from tests.pipeline.landing.landing_cases import load_bytes, values
from warehouse.errors import DataError

KNOWN_REASONS = {rule.code for rule in REASONS}
TOKENS = [
    *(b'"', b'""', b",", b";", b"\n", b"\r", b"\r\n", b"\n\n", b"\0", b"\xff", b"\xc3", b"\\", b'\\"', b"\\'"),
    *(b" ", b"-", b".0", b",000", b"e5", b"#N/A", b"NULL", b"claim", b"&amp;", b"\x1a", b"\xef\xbb\xbf", b"1", b"=1+1"),
    "ö".encode(),
]
Edit = tuple[str, float, int, bytes]


def _good_files() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        write_synthetic(Path(folder) / "twin.csv", 24, 3)
        rows = read_rows(Path(folder) / "twin.csv")
    plain = text_of(rows)
    floats = text_of(mapped(rows, range(7, 12), numbers(lambda cell: f"{cell}.0")), ";", "\n")
    return [plain.encode(), plain.rstrip("\r\n").encode(), floats.encode(), text_of(rows, quote_all=True).encode()]


GOOD_FILES = _good_files()
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["insert", "delete", "replace", "drop line", "double line", "swap lines", "cut"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 6),
        st.sampled_from(TOKENS),
    ),
    min_size=1,
    max_size=4,
)


def mutated(content: bytes, edits: list[Edit]) -> bytes:
    """A file after some accidents."""
    for kind, place, length, token in edits:
        position = int(place * len(content))
        lines = content.split(b"\n")
        line = int(place * len(lines))
        if kind == "insert":
            content = content[:position] + token + content[position:]
        elif kind == "delete":
            content = content[:position] + content[position + length :]
        elif kind == "replace":
            content = content[:position] + token + content[position + length :]
        elif kind == "cut":
            content = content[: max(position, 200)]
        else:
            if kind == "drop line":
                del lines[line]
            elif kind == "double line":
                lines.insert(line, lines[line])
            else:
                other = (line + length) % len(lines)
                lines[line], lines[other] = lines[other], lines[line]
            content = b"\n".join(lines)
    return content


def conserved(content: bytes):
    """What landed and what was rejected, after checking that together they are the file; or the refusal."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            outcome = load_bytes(content, Path(folder), reject_limit_share=1.0, record_limit_characters=20_000)
        except DataError as error:
            refusal = str(error)
            outcome = None
    if outcome is None:
        assert "delivery.csv" in refusal
        assert "\n" not in refusal
        return None
    found = [row["delivery_row_number"] for row in (*outcome.rows, *outcome.rejects)]
    assert sorted(found) == list(range(1, outcome.loaded.record_count + 1))
    assert {reject["reject_reason"] for reject in outcome.rejects} <= KNOWN_REASONS
    assert all(reject["raw_text"] for reject in outcome.rejects)
    return values(outcome), [
        (row["delivery_row_number"], row["delivery_line_number"], row["reject_reason"], row["raw_text"])
        for row in outcome.rejects
    ]


def check(content: bytes) -> None:
    """Conservation, and the same answer from the careful reader."""
    with patch("pipeline.landing.load.stage_carefully", wraps=stage_carefully) as careful:
        first = conserved(content)
    if careful.called:
        return
    with patch.object(Dialect, "is_native", new_callable=PropertyMock, return_value=False):
        assert conserved(content) == first


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(GOOD_FILES), EDITS)
def test_no_record_is_lost_after_accidents(content, edits) -> None:
    check(mutated(content, edits))


@pytest.mark.slow
@pytest.mark.parametrize(
    "content", GOOD_FILES, ids=["published dialect", "no final newline", "semicolons", "all quoted"]
)
@settings(max_examples=1_300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EDITS)
def test_no_record_is_lost_after_many_accidents(content, edits) -> None:
    check(mutated(content, edits))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400))
def test_any_bytes_are_refused_or_conserved(content) -> None:
    conserved(content)
    conserved(GOOD_FILES[0][:200] + b"\n" + content)


@given(
    st.lists(st.text(st.sampled_from("a\",;\\\n' ")), min_size=2, max_size=5),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_is_written_by_the_standard_is_read_back(cells, delimiter) -> None:
    text = text_of([cells], delimiter, quote_all=True).removesuffix("\r\n")
    assert split_fields(text, delimiter) == (cells, None)
    tally = Tally()
    assert parse_record(text, Shape(delimiter, len(cells), 0), tally) == (cells, None)
    assert not tally.repairs


@given(st.text(st.sampled_from('a,"\\')), st.integers(1, 4))
def test_a_record_is_split_into_the_right_number_or_has_a_reason(raw, count) -> None:
    fields, reason = parse_record(raw, Shape(",", count, 0), Tally())
    assert (fields is None) == (reason in KNOWN_REASONS)
    assert fields is None or len(fields) == count
