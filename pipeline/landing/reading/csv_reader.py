"""The careful reader: text in any dialect into records, where one broken record costs only itself."""

import functools
import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import NamedTuple, TextIO

from pipeline.landing.reading.invalid_bytes import has_invalid_bytes

# A quoted field may hold line ends, but a quote that stays open for longer is one that nobody closed.
RECORD_LINE_LIMIT = 100
OPEN = "unterminated_quote"
BROKEN = "broken_quote"


class Record(NamedTuple):
    """One record of a delivery."""

    line_number: int
    """The physical line where it begins, from 1."""
    raw_text: str
    fields: list[str] | None
    """Its fields, or None where it cannot be split."""
    reason: str | None
    """Why it cannot be split."""


class Shape(NamedTuple):
    """What a well-formed record looks like."""

    delimiter: str
    field_count: int
    id_position: int
    """Position of the field that identifies a video."""


class Tally:
    """What the reader has seen, for the proof that it dropped nothing, and what it repaired."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.line_count = 0
        self.repairs: Counter[str] = Counter()
        self.examples: dict[str, tuple[str, str]] = {}

    def repaired(self, kind: str, before: str, after: str) -> None:
        """Count one repair; the first of its kind is the example."""
        self.repairs[kind] += 1
        self.examples.setdefault(kind, (before, after))


class LongLineError(Exception):
    """A physical line is longer than the limit."""


class _Lines:
    """The physical lines of a text, one at a time, which can be put back."""

    def __init__(self, stream: TextIO, line_end: str, character_limit: int, tally: Tally) -> None:
        """Read `stream`, whose lines end in `line_end`."""
        self._stream, self._line_end, self._limit, self._tally = stream, line_end, character_limit, tally
        self._returned: deque[str] = deque()
        self.number = 0

    def take(self) -> str | None:
        """The next line with its line end, or None at the end of the text."""
        line = self._returned.popleft() if self._returned else self._read()
        self.number += bool(line)
        return line or None

    def put_back(self, lines: list[str]) -> None:
        """Let `take` return these lines again."""
        self._returned.extendleft(reversed(lines))
        self.number -= len(lines)

    def _read(self) -> str:
        line = self._stream.readline(self._limit + 1)
        if len(line) > self._limit and not line.endswith(self._line_end):
            raise LongLineError
        self._tally.line_count += bool(line)
        return line


def read_records(
    stream: TextIO, line_end: str, shape: Shape, character_limit: int, header_lines: int, tally: Tally
) -> Iterator[Record]:
    """Split a text into records.

    A record is a physical line; a quoted field may continue on the next ones. Where a quote stays open for too long,
    or closes only after it has swallowed what reads as a record of its own, the first line alone is rejected and
    reading resumes at the second.

    Args:
        stream: The decoded text, opened so that only `line_end` ends a line.
        line_end: A line feed, or a carriage return.
        shape: Delimiter and number of fields.
        character_limit: No line is longer.
        header_lines: How many physical lines to pass over first.
        tally: Is told what was seen and repaired.

    Yields:
        Every record, in order, the broken ones with a reason.

    Raises:
        LongLineError: A line is longer than the limit.
    """
    lines = _Lines(stream, line_end, character_limit, tally)
    for _ in range(header_lines):
        lines.take()
    while (line := lines.take()) is not None:
        number, raw = lines.number, line.rstrip("\r\n")
        if not raw:
            tally.repaired("blank_line", "", "")
            continue
        fields, fault = parse_record(raw, shape, tally)
        if fault == OPEN and (gathered := _gather(line, lines, shape, character_limit)) is not None:
            raw = gathered
            fields, fault = parse_record(raw, shape, tally)
        if has_invalid_bytes(raw):
            fields, fault = None, "invalid_bytes"
        yield Record(number, raw, fields, fault)


def parse_record(raw: str, shape: Shape, tally: Tally) -> tuple[list[str] | None, str | None]:
    """Split one record into as many fields as the header has.

    It is read as RFC 4180 has it; where that does not give the right number of fields, as a line wrapped in quotes
    once more, and then with quotes escaped by backslashes.

    Args:
        raw: The record without its line end.
        shape: Delimiter and number of fields.
        tally: Is told when a line was unwrapped.

    Returns:
        The fields and None, or None and the reason.
    """
    delimiter, count, _ = shape
    if '"' not in raw:
        return _counted(raw.split(delimiter), count)
    fields, fault = split_fields(raw, delimiter)
    if fields is not None and len(fields) == count:
        return fields, None
    if fields is not None and len(fields) == 1 and raw.startswith('"'):
        inner, _ = parse_record(fields[0], shape, tally)
        if inner is not None:
            tally.repaired("wrapped_line", raw, fields[0])
            return inner, None
    if '\\"' in raw:
        escaped, _ = split_fields(raw, delimiter, escape="\\")
        if escaped is not None and len(escaped) == count:
            return escaped, None
    return (None, fault) if fields is None else _counted(fields, count)


def split_fields(raw: str, delimiter: str, escape: str = '"') -> tuple[list[str] | None, str | None]:
    """Split text at the delimiters outside quotes.

    Args:
        raw: One record.
        delimiter: One character.
        escape: What stands before a quote inside quotes: another quote, or a backslash, which stays in the text.

    Returns:
        The fields and None, or None and the fault: `unterminated_quote` or `broken_quote`. A quote inside a field
        that does not begin with one is text.
    """
    quoted, unquoted = _patterns(delimiter, escape)
    fields, position, end = [], 0, len(raw)
    while True:
        if raw.startswith('"', position):
            match = quoted.match(raw, position)
            if match is None:
                return None, OPEN
            text = match[1]
            fields.append(text.replace('""', '"') if escape == '"' else text)
        else:
            match = unquoted.match(raw, position)
            assert match is not None  # noqa: S101 - the pattern matches nothing as well
            fields.append(match[0])
        position = match.end()
        if position == end:
            return fields, None
        if raw[position] != delimiter:
            return None, BROKEN
        position += 1


@functools.cache
def _patterns(delimiter: str, escape: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    # Possessive: a quote that is one of two never closes the field after all.
    inside = r'[^"]*+(?:""[^"]*+)*+' if escape == '"' else r'[^"\\]*+(?:\\.[^"\\]*+)*+'
    return re.compile(f'"({inside})"', re.DOTALL), re.compile(f"[^{re.escape(delimiter)}]*", re.DOTALL)


def _counted(fields: list[str], count: int) -> tuple[list[str] | None, str | None]:
    if len(fields) == count:
        return fields, None
    return None, "too_few_fields" if len(fields) < count else "too_many_fields"


def _gather(first: str, lines: _Lines, shape: Shape, character_limit: int) -> str | None:
    """Take the lines over which an open quote continues; put them back where no record comes of it.

    Returns:
        The whole record, or None.
    """
    taken: list[str] = []
    length = len(first)
    while len(taken) < RECORD_LINE_LIMIT and length <= character_limit and (line := lines.take()) is not None:
        taken.append(line)
        length += len(line)
        if _is_record(line.rstrip("\r\n"), shape):
            break
        # The quote can only close on a line with an odd number of quotes.
        if line.count('"') % 2:
            raw = "".join([first, *taken]).rstrip("\r\n")
            if parse_record(raw, shape, Tally())[0] is not None:
                return raw
            break
    lines.put_back(taken)
    return None


def _is_record(raw: str, shape: Shape) -> bool:
    """Whether a line by itself reads as a record, with digits where the identifier stands."""
    if raw.count(shape.delimiter) < shape.field_count - 1:
        return False
    fields, _ = parse_record(raw, shape, Tally())
    return fields is not None and fields[shape.id_position].strip().isdigit()
