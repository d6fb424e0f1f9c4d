"""Recognising how a delivery is written, from its first bytes; anything but the expected table is refused."""

import re
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

import pyarrow as pa
from pyarrow import parquet

from pipeline.landing.reading import formats
from pipeline.landing.reading.byte_scan import refuse_long_line
from pipeline.landing.reading.csv_reader import OPEN, split_fields
from pipeline.landing.reading.delivery_file import display_name, is_gzip, open_delivery
from pipeline.landing.reading.invalid_bytes import HANDLER, shown
from pipeline.landing.reading.options import ColumnMap, Options
from warehouse import contract
from warehouse.errors import DataError
from warehouse.settings import Settings

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
LINE_ENDS = {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}
ROW_LABEL = "delivery_row_label"
_HEAD_BYTES = 1 << 16
# Above the header may stand a title, comments or `sep=;`.
_HEADER_SEARCH_LINES = 20
NO_OPTIONS = Options()

_MAGIC = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "an archive inside an archive, or an office document"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet or office document"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BZh", "bzip2 compressed data"),
    (b"\xfd7zXZ", "xz compressed data"),
    (b"\x28\xb5\x2f\xfd", "zstd compressed data"),
    (b"ARROW1", "an Arrow file"),
    (b"\x7fELF", "a program"),
)
_TEXT = (
    (re.compile(r"\s*(<!doctype html|<html|<head|<body)", re.IGNORECASE), "a web page (HTML)"),
    (re.compile(r"\s*<(\?xml|[a-z])", re.IGNORECASE), "XML"),
    (re.compile(r'\s*\{.*"(cells|nbformat)"', re.DOTALL), "a notebook"),
    (re.compile(r"\s*(\{|\[\s*[\[{\"\]])"), "JSON"),
)


class NoTableError(DataError):
    """A file that is no delivery at all, or one of which not even the header is ours."""

    def __init__(self, message: str, matched_count: int = 0) -> None:
        """Keep how many of the expected columns its header names."""
        super().__init__(message)
        self.matched_count = matched_count


class Dialect(NamedTuple):
    """How one delivery is written, and what it holds."""

    feed: contract.Feed
    kind: Literal["CSV", "Parquet", "XLSX", "JSON"]
    header: tuple[str, ...]
    """The columns' names as delivered."""
    positions: dict[str, int]
    """Landed column -> its position in the file."""

    # What follows is as in a file that is no text.
    is_compressed: bool = False
    encoding: str = "utf-8"
    """Python's name; a file without a mark is `utf-8` until its bytes show otherwise."""
    has_byte_order_mark: bool = False
    line_end: str = "\n"
    delimiter: str = ","
    header_lines: int = 0
    """Physical lines up to the header's end."""
    is_header_wrapped: bool = False
    preamble: tuple[str, ...] = ()
    """The lines above the header, blank ones apart."""
    absent: frozenset[str] = frozenset()
    """Landed columns that the platform has not, as the person said."""
    verbatim: frozenset[str] = frozenset()
    """Landed columns that are lists or records, whose text stays as it is."""

    sheet: str | None = None
    """Of a spreadsheet, the sheet that holds the table."""

    @property
    def is_parquet(self) -> bool:
        """Whether the values have types of their own."""
        return self.kind == "Parquet"

    @property
    def names(self) -> dict[str, str]:
        """Landed column -> its name in the file."""
        return {landed: self.header[position] for landed, position in self.positions.items()}

    @property
    def extra_positions(self) -> tuple[int, ...]:
        """Positions of the columns that nobody expects."""
        return tuple(sorted(set(range(len(self.header))) - set(self.positions.values())))

    @property
    def is_native(self) -> bool:
        """Whether the database's own reader may take it, as far as the head shows."""
        return self.kind == "CSV" and (
            self.encoding == "utf-8" and self.line_end != "\r" and self.header_lines == 1 and not self.is_header_wrapped
        )

    def described(self) -> str:
        """The dialect in words."""
        if self.kind != "CSV":
            return f"{self.kind}, sheet {self.sheet}" if self.sheet else self.kind
        words = ["CSV", self.encoding.upper(), LINE_ENDS[self.line_end], DELIMITERS[self.delimiter]]
        return ", ".join([*words, "gzip"] if self.is_compressed else words)


def recognise(path: Path, settings: Settings, options: Options = NO_OPTIONS) -> Dialect:
    """Recognise a delivery's dialect by its first bytes and its header.

    Args:
        path: The delivered file; its name decides nothing.
        settings: Its limits.
        options: What is known beforehand.

    Returns:
        The dialect.

    Raises:
        DataError: It is another kind of file, or lacks a column.
    """
    with open_delivery(path, settings) as stream:
        head = stream.read(_HEAD_BYTES)
    if head.startswith(b"PAR1"):
        return _parquet(path, settings, options)
    if head.startswith(formats.ZIP_MAGICS) and formats.is_spreadsheet(path):
        return _spreadsheet(path, settings, options)
    _refuse_magic(path, head)
    encoding, has_mark = (options.encoding, False) if options.encoding else _encoding(head)
    text = head.decode(encoding, HANDLER)
    has_mark, text = has_mark or text.startswith("\ufeff"), text.removeprefix("\ufeff")
    if not text.strip():
        raise DataError(f"{display_name(path)} holds nothing but blanks. Deliver a CSV with a header and records.")
    if formats.is_json(text):
        return _json(path, encoding, settings, options)
    blank = len(text) - len(text.lstrip("\r\n"))
    if len(head) == _HEAD_BYTES and not re.search(r"[\r\n]", text[blank:]):
        refuse_long_line(path, settings.record_limit_characters + 1, settings)
    found = _find_header(text, options.columns)
    try:
        feed, positions = _feed(path, found.names, settings, options.columns)
    except DataError:
        _refuse_other_text(path, text)
        raise
    line_end = _line_end(text[found.end :])
    return Dialect(
        feed=feed,
        kind="CSV",
        is_compressed=is_gzip(path),
        encoding=encoding,
        has_byte_order_mark=has_mark,
        line_end=line_end,
        delimiter=found.delimiter,
        header=found.names,
        header_lines=1 + text[: found.end].count(line_end[-1]),
        is_header_wrapped=found.is_wrapped,
        positions=positions,
        preamble=tuple(line for line in re.split(r"\r\n|\n|\r", text[: found.start]) if line),
        absent=options.columns.absent,
    )


def _refuse_magic(path: Path, head: bytes) -> None:
    if not head:
        raise DataError(f"{display_name(path)} is empty. Deliver a CSV with a header and at least one record.")
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            raise _another_kind(path, kind)


def _refuse_other_text(path: Path, text: str) -> None:
    for pattern, kind in _TEXT:
        if pattern.match(text):
            raise _another_kind(path, kind)
    odd = sum(not (letter.isprintable() or letter.isspace()) for letter in text)
    if "\0" in text or odd > len(text) / 20:
        raise _another_kind(path, "binary data")


def _parquet(path: Path, settings: Settings, options: Options) -> Dialect:
    try:
        schema = parquet.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{display_name(path)} is a broken Parquet file. Deliver it again.") from error
    header = tuple(schema.names)
    feed, positions = _feed(path, header, settings, options.columns)
    nested = frozenset(name for name, position in positions.items() if pa.types.is_nested(schema.types[position]))
    return Dialect(
        feed=feed,
        kind="Parquet",
        header=header,
        positions=positions,
        absent=options.columns.absent,
        verbatim=nested,
    )


def _spreadsheet(path: Path, settings: Settings, options: Options) -> Dialect:
    sheet = formats.open_sheet(path, options.sheet, settings)
    rows = [[formats.cell_text(cell) for cell in row] for row in islice(sheet.rows, _HEADER_SEARCH_LINES)]
    counts = [_matched_count(tuple(row), options.columns) for row in rows]
    place = counts.index(max(counts))
    header = tuple(rows[place])
    feed, positions = _feed(path, header, settings, options.columns)
    preamble = tuple(" ".join(cell for cell in row if cell) for row in rows[:place] if any(row))
    return Dialect(
        feed=feed,
        kind="XLSX",
        header=header,
        header_lines=place + 1,
        positions=positions,
        preamble=preamble,
        absent=options.columns.absent,
        sheet=sheet.name,
    )


def _json(path: Path, encoding: str, settings: Settings, options: Options) -> Dialect:
    header, nested = formats.column_names(formats.json_records(path, encoding, settings))
    try:
        feed, positions = _feed(path, header, settings, options.columns)
    except NoTableError as error:
        raise NoTableError(f"{error} It is JSON.", error.matched_count) from error
    return Dialect(
        feed=feed,
        kind="JSON",
        is_compressed=is_gzip(path),
        encoding=encoding,
        header=header,
        positions=positions,
        absent=options.columns.absent,
        verbatim=frozenset(name for name, position in positions.items() if header[position] in nested),
    )


def _encoding(head: bytes) -> tuple[str, bool]:
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8", True
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", True
    # UTF-16 without a mark: every other byte of a header is zero.
    sample = head[:200]
    if len(sample) > 8 and sample[1::2].count(0) > 0.9 * len(sample[1::2]) and not sample[::2].count(0):
        return "utf-16-le", False
    if len(sample) > 8 and sample[::2].count(0) > 0.9 * len(sample[::2]) and not sample[1::2].count(0):
        return "utf-16-be", False
    return "utf-8", False


def _line_end(text: str) -> str:
    found = re.search(r"\r\n|\n|\r", text)
    return found[0] if found else "\n"


class _Header(NamedTuple):
    """A line that may be the header."""

    names: tuple[str, ...]
    delimiter: str
    is_wrapped: bool
    start: int
    end: int
    """Where it stands in the text, without its line end."""
    matched_count: int


def _find_header(text: str, columns: ColumnMap) -> _Header:
    """Find the line that names most of the expected columns among the first ones; of several the first."""
    best: _Header | None = None
    filled = ((start, end) for start, end in _lines(text) if start < end)
    for start, end in islice(filled, _HEADER_SEARCH_LINES):
        candidate = _header(text, start, end, columns)
        if best is None or candidate.matched_count > best.matched_count:
            best = candidate
        if any(not _lacking(feed, _matched(feed, best.names, columns), columns) for feed in contract.feeds().values()):
            break
    assert best is not None  # noqa: S101 - the text is not blank
    return best


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line_end in re.finditer(r"\r\n|\n|\r", text):
        yield start, line_end.start()
        start = line_end.end()
    if start < len(text):
        yield start, len(text)


def _header(text: str, start: int, end: int, columns: ColumnMap) -> _Header:
    """Split a line by the delimiter that finds most of the expected columns.

    Where a quote opens in it and does not close, the lines up to the closing quote are part of it.
    """
    candidates = []
    for delimiter in DELIMITERS:
        stop = end
        fields, fault = split_fields(text[start:stop], delimiter)
        if fault == OPEN:
            for _, stop in islice(_lines_from(text, start), 1, _HEADER_SEARCH_LINES):
                fields, fault = split_fields(text[start:stop], delimiter)
                if fault != OPEN:
                    break
            if fields is None:
                stop = end
        line = text[start:stop]
        fields = fields or [line]
        inner, _ = split_fields(fields[0], delimiter) if len(fields) == 1 and line.startswith('"') else (None, None)
        names = tuple(shown(name) for name in inner or fields)
        is_wrapped = inner is not None and len(inner) > 1
        candidates.append(
            _Header(
                names=names,
                delimiter=delimiter,
                is_wrapped=is_wrapped,
                start=start,
                end=stop,
                matched_count=_matched_count(names, columns),
            )
        )
    return max(candidates, key=lambda candidate: (candidate.matched_count, len(candidate.names)))


def _lines_from(text: str, start: int) -> Iterator[tuple[int, int]]:
    return ((start + first, start + last) for first, last in _lines(text[start:]))


def _matched(feed: contract.Feed, header: tuple[str, ...], columns: ColumnMap) -> dict[str, list[int]]:
    """Landed column -> the positions of the file's columns that go by the best of its names."""
    plain = [plain_name(name) for name in header]
    matched: dict[str, list[int]] = {}
    # The running number last: its names are the most general.
    for column in sorted(feed.columns, key=lambda column: column.name == ROW_LABEL):
        if column.name in columns.absent:
            continue
        mapped = columns.names.get(column.name)
        names = [plain_name(name) for name in ([mapped] if mapped else column.delivered_as)]
        taken = {place for places in matched.values() for place in places} if column.name == ROW_LABEL else set()
        found = sorted(
            (names.index(name), position)
            for position, name in enumerate(plain)
            if name in names and position not in taken
        )
        if found:
            matched[column.name] = [position for name, position in found if name == found[0][0]]
    if ROW_LABEL in matched and ROW_LABEL not in columns.names:
        # Of several, the first counts and the others are extra columns.
        del matched[ROW_LABEL][1:]
    return matched


def _matched_count(header: tuple[str, ...], columns: ColumnMap) -> int:
    """How many columns of the feed that fits best a header names."""
    return max(len(_matched(feed, header, columns)) for feed in contract.feeds().values())


def _lacking(feed: contract.Feed, matched: Collection[str], columns: ColumnMap) -> list[str]:
    """The names of the columns that a file of the feed must have and does not."""
    return [
        columns.names.get(column.name, column.delivered_as[0])
        for column in feed.columns
        if not (column.is_optional or column.name in matched or column.name in columns.absent)
    ]


def plain_name(name: str) -> str:
    """A column's name without what people write differently: capitals, blanks, underscores and other signs."""
    bare = re.sub(r"[\W_]+", "", name.casefold())
    return bare or name.strip()


def _feed(
    path: Path, header: tuple[str, ...], settings: Settings, columns: ColumnMap
) -> tuple[contract.Feed, dict[str, int]]:
    """The feed whose columns a header names: all that it must, or else most, and where they stand."""
    if len(header) > settings.column_limit:
        raise DataError(
            f"{display_name(path)} has {len(header):,} columns, more than the limit of {settings.column_limit:,}. "
            "Deliver fewer, or raise CLAIMS_COLUMN_LIMIT. Nothing of it landed."
        )
    found = {feed.name: _matched(feed, header, columns) for feed in contract.feeds().values()}
    lacking = {feed.name: _lacking(feed, found[feed.name], columns) for feed in contract.feeds().values()}
    name = max(found, key=lambda name: (not lacking[name], len(found[name])))
    feed, matched, missing = contract.feeds()[name], found[name], lacking[name]
    if missing:
        shown_header = ", ".join(header[:15])[:300]
        raise NoTableError(
            f"{display_name(path)} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}; the nearest to "
            f"a header reads: {shown_header!r}. Deliver a CSV whose header names all columns of {name}, "
            "or tell what they are called with `claims ingest --columns`. Nothing of it landed.",
            matched_count=len(matched.keys() - {ROW_LABEL}),
        )
    usual = {column.name: columns.names.get(column.name, column.delivered_as[0]) for column in feed.columns}
    if double := [usual[landed] for landed, positions in matched.items() if len(positions) > 1]:
        raise DataError(
            f"{display_name(path)} holds more than one column {', '.join(double)}. Leave one of each. "
            "Nothing of it landed."
        )
    return columns.applied(feed), {landed: positions[0] for landed, positions in matched.items()}


def _another_kind(path: Path, kind: str) -> NoTableError:
    return NoTableError(f"{display_name(path)} looks like {kind}, not like a table of records. Nothing of it landed.")
