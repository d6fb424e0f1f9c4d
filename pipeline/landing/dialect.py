"""Recognising how a delivery is written, from its first bytes; anything but the expected table is refused."""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from pyarrow import parquet

from pipeline.landing.byte_scan import refuse_long_line
from pipeline.landing.csv_reader import split_fields
from pipeline.landing.delivery_file import display_name, is_gzip, open_delivery
from pipeline.landing.invalid_bytes import HANDLER, shown
from warehouse import contract
from warehouse.errors import DataError
from warehouse.settings import Settings

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
LINE_ENDS = {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}
ROW_LABEL = "delivery_row_label"
# Other names of the file's running number, the best first; an unnamed column is one as well.
_ROW_LABEL_NAMES = ("#", "no", "id", "index", "row", "number", "unnamed_0", "")
_HEAD_BYTES = 1 << 16

_MAGIC = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a spreadsheet or another zip archive"),
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


class Dialect(NamedTuple):
    """How one delivery is written."""

    is_parquet: bool
    is_compressed: bool
    encoding: str
    """Python's name; a file without a mark is `utf-8` until its bytes show otherwise."""
    has_byte_order_mark: bool
    line_end: str
    delimiter: str
    header: tuple[str, ...]
    """The columns' names as delivered."""
    header_lines: int
    """Physical lines up to the header's end."""
    is_header_wrapped: bool
    positions: dict[str, int]
    """Landed column -> its position in the file."""

    @property
    def extra_positions(self) -> tuple[int, ...]:
        """Positions of the columns that nobody expects."""
        return tuple(sorted(set(range(len(self.header))) - set(self.positions.values())))

    @property
    def is_native(self) -> bool:
        """Whether the database's own reader may take it, as far as the head shows."""
        return not self.is_parquet and (
            self.encoding == "utf-8" and self.line_end != "\r" and self.header_lines == 1 and not self.is_header_wrapped
        )

    def described(self) -> str:
        """The dialect in words."""
        if self.is_parquet:
            return "Parquet"
        words = ["CSV", self.encoding.upper(), LINE_ENDS[self.line_end], DELIMITERS[self.delimiter]]
        return ", ".join([*words, "gzip"] if self.is_compressed else words)


def delivered_columns() -> dict[str, str]:
    """The columns that a delivery brings: landed name -> usual name in the file."""
    return {
        column.name: column.meta["delivered_as"]
        for column in contract.columns("landed_videos")
        if "delivered_as" in column.meta
    }


def recognise(path: Path, settings: Settings) -> Dialect:
    """Recognise a delivery's dialect by its first bytes and its header.

    Args:
        path: The delivered file; its name decides nothing.
        settings: Its limits.

    Returns:
        The dialect.

    Raises:
        DataError: It is another kind of file, or lacks a column.
    """
    with open_delivery(path, settings) as stream:
        head = stream.read(_HEAD_BYTES)
    if head.startswith(b"PAR1"):
        return _parquet(path)
    _refuse_magic(path, head)
    encoding, has_mark = _encoding(head)
    text = head.decode(encoding, HANDLER).removeprefix("\ufeff")
    if not text.strip():
        raise DataError(f"{display_name(path)} holds nothing but blanks. Deliver a CSV with a header and records.")
    blank = len(text) - len(text.lstrip("\r\n"))
    line_end = _line_end(text[blank:])
    line = re.split(r"[\r\n]", text[blank:], maxsplit=1)[0]
    if len(line) == len(text) - blank and len(head) == _HEAD_BYTES:
        refuse_long_line(path, settings.record_limit_characters + 1, settings)
    delimiter, header, is_wrapped = _header(line)
    try:
        positions = _positions(path, header)
    except DataError:
        _refuse_other_text(path, text)
        raise
    return Dialect(
        is_parquet=False,
        is_compressed=is_gzip(path),
        encoding=encoding,
        has_byte_order_mark=has_mark,
        line_end=line_end,
        delimiter=delimiter,
        header=header,
        header_lines=1 + text[:blank].count(line_end[-1]),
        is_header_wrapped=is_wrapped,
        positions=positions,
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


def windows_1252_or_utf_8(path: Path, settings: Settings) -> str:
    """Decide between the two encodings that look alike on ASCII, by every byte of the file.

    A file is Windows-1252 when none of its bytes beyond ASCII are valid UTF-8, there are at least three of them, and
    all are signs that texts use. Otherwise it is UTF-8, and what is invalid is rejected by record: a few stray bytes
    are no evidence, and must not turn into letters that nobody wrote.

    Args:
        path: The delivered file.
        settings: Its limits.

    Returns:
        `cp1252` or `utf-8`.
    """
    found: Counter[int] = Counter()
    with open_delivery(path, settings) as stream:
        while chunk := stream.read(1 << 20) + stream.readline(1 << 20):
            if chunk.isascii():
                continue
            text = chunk.decode("utf-8", HANDLER)
            letters = Counter(ord(letter) for letter in re.findall(r"[^\x00-\x7f]", text))
            if any(not 0xDC80 <= letter <= 0xDCFF for letter in letters):
                return "utf-8"
            found.update(letters)
    usual = {0x80, *range(0x82, 0x8D), 0x8E, *range(0x91, 0x9D), 0x9E, 0x9F, *range(0xA0, 0xFE)}
    is_text = found.total() >= 3 and all(letter - 0xDC00 in usual for letter in found)
    return "cp1252" if is_text else "utf-8"


def _parquet(path: Path) -> Dialect:
    try:
        header = tuple(parquet.read_schema(path).names)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{display_name(path)} is a broken Parquet file. Deliver it again.") from error
    return Dialect(True, False, "utf-8", False, "\n", ",", header, 0, False, _positions(path, header))


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


def _header(line: str) -> tuple[str, tuple[str, ...], bool]:
    """Split the header by the delimiter that finds most of the expected columns."""
    candidates = []
    for delimiter in DELIMITERS:
        fields, _ = split_fields(line, delimiter)
        fields = fields or [line]
        inner, _ = split_fields(fields[0], delimiter) if len(fields) == 1 and line.startswith('"') else (None, None)
        names = tuple(shown(name) for name in inner or fields)
        candidates.append((len(_matched(names)), delimiter, names, inner is not None and len(inner) > 1))
    _, delimiter, names, is_wrapped = max(candidates, key=lambda candidate: candidate[0])
    return delimiter, names, is_wrapped


def _matched(header: tuple[str, ...]) -> dict[str, list[int]]:
    """Landed column -> the positions of the file's columns that go by one of its names."""
    plain = [_plain(name) for name in header]
    matched = {
        landed: [position for position, name in enumerate(plain) if name == _plain(delivered)]
        for landed, delivered in delivered_columns().items()
        if landed != ROW_LABEL
    }
    labels = sorted(
        (_ROW_LABEL_NAMES.index(name), position) for position, name in enumerate(plain) if name in _ROW_LABEL_NAMES
    )
    # Of several, the best name wins and the others are extra columns.
    matched[ROW_LABEL] = [position for _, position in labels[:1]]
    return {landed: positions for landed, positions in matched.items() if positions}


def _plain(name: str) -> str:
    name = name.strip().lower()
    return name if name == "#" else re.sub(r"[^a-z0-9]+", "_", name).strip("_")


def _positions(path: Path, header: tuple[str, ...]) -> dict[str, int]:
    matched = _matched(header)
    columns = delivered_columns()
    if missing := [columns[landed] for landed in columns if landed not in matched and landed != ROW_LABEL]:
        shown_header = ", ".join(header[:15])[:300]
        raise DataError(
            f"{display_name(path)} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}; its first line "
            f"reads: {shown_header!r}. Deliver a CSV whose header names all columns. Nothing of it landed."
        )
    if double := [columns[landed] for landed, positions in matched.items() if len(positions) > 1]:
        raise DataError(
            f"{display_name(path)} holds more than one column {', '.join(double)}. Leave one of each. "
            "Nothing of it landed."
        )
    return {landed: positions[0] for landed, positions in matched.items()}


def _another_kind(path: Path, kind: str) -> DataError:
    return DataError(f"{display_name(path)} looks like {kind}, not like a CSV or Parquet table. Nothing of it landed.")
