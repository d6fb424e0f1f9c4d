"""What stands in a delivery, counted on its bytes and apart from whatever reads it as a table."""

import codecs
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.landing.reading.csv_reader import split_fields
from pipeline.landing.reading.delivery_file import display_name, open_delivery, read_chunks
from pipeline.landing.reading.invalid_bytes import HANDLER
from warehouse.errors import DataError
from warehouse.settings import Settings

Codes = NDArray[np.uint8]
Positions = NDArray[np.int64]


_DELIMITED = b'\r\n"'
"""What may stand beside a quote that opens or closes a field, or is one of two: a line end, another quote (or, added
for each file, its delimiter)."""


class Survey(NamedTuple):
    """Counts of one pass over the bytes."""

    line_count: int
    """Physical lines, the header among them."""
    is_one_line_a_record: bool
    """Whether each line is one record that every reader must split alike."""


def survey(path: Path, delimiter: str, field_count: int, settings: Settings) -> Survey:
    """Count the lines of a file in an encoding that extends ASCII, and find what needs a careful reader.

    Args:
        path: The delivered file.
        delimiter: One character.
        field_count: How many fields a record has.
        settings: Its limits.

    Returns:
        The counts.

    Raises:
        DataError: A line is longer than the limit, or the compressed data are broken or a bomb.
    """
    line_count, is_plain = 0, True
    with open_delivery(path, settings) as stream:
        for chunk in read_chunks(stream, settings.record_limit_characters):
            refuse_long_line(path, len(chunk) - (chunk.rfind(b"\n", 0, -1) + 1), settings)
            text = chunk.removeprefix(codecs.BOM_UTF8) if line_count == 0 else chunk
            text = text if text.endswith(b"\n") else text + b"\n"
            codes = np.frombuffer(text, np.uint8)
            ends = np.flatnonzero(codes == ord("\n"))
            line_count += len(ends)
            is_plain = is_plain and _is_plain(text, codes, ends, delimiter, field_count)
    return Survey(line_count, is_plain)


def _is_plain(text: bytes, codes: Codes, ends: Positions, delimiter: str, field_count: int) -> bool:
    """Whether whole lines hold nothing that the database's reader would read in a way of its own.

    Its strict mode passes over blank lines, blanks beside quotes and a delimiter at the end of a line (DuckDB 2.0), and
    takes a carriage return for a line end.
    """
    # Single bytes are found ten times as fast as pairs, and most files hold none of these.
    if b"\0" in text or (b"\\" in text and b'\\"' in text):
        return False
    is_after_return = codes[ends - 1] == ord("\r")
    if b"\r" in text and text.count(b"\r") != np.count_nonzero(is_after_return):
        return False
    starts = np.concatenate(([0], ends[:-1] + 1))
    ends = ends - is_after_return
    if np.any(starts == ends):
        return False
    quotes = np.flatnonzero(codes == ord('"'))
    if len(quotes) % 2:
        return False
    if len(quotes):
        is_delimited = np.zeros(256, bool)
        is_delimited[[*_DELIMITED, ord(delimiter)]] = True
        # The byte before the first is the line end behind the last.
        neighbours = np.concatenate((codes[quotes[::2] - 1], codes[quotes[1::2] + 1]))
        lines = np.searchsorted(ends, quotes)
        if not np.all(is_delimited[neighbours]) or np.any(lines[::2] != lines[1::2]):
            return False
    return all(
        _has_fields(text[starts[line] : ends[line]], delimiter, field_count)
        for line in np.flatnonzero(codes[ends - 1] == ord(delimiter))
    )


def _has_fields(line: bytes, delimiter: str, count: int) -> bool:
    if b'"' not in line:
        return line.count(delimiter.encode()) == count - 1
    fields, _ = split_fields(line.decode("latin-1"), delimiter)
    return fields is not None and len(fields) == count


def count_lines(path: Path, encoding: str, line_end: str, settings: Settings) -> int:
    """Count the physical lines of a file in any encoding.

    Args:
        path: The delivered file.
        encoding: Python's name for it.
        line_end: The character that ends a line.
        settings: Its limits.

    Returns:
        Line ends, and one more where text stands behind the last.
    """
    decoder = codecs.getincrementaldecoder(encoding)(HANDLER)
    count, last = 0, line_end
    with open_delivery(path, settings) as stream:
        while chunk := stream.read(1 << 20):
            text = decoder.decode(chunk)
            count += text.count(line_end)
            last = text[-1:] or last
    rest = decoder.decode(b"", final=True)
    count += rest.count(line_end)
    return count + ((rest[-1:] or last) != line_end)


def refuse_long_line(path: Path, length: int, settings: Settings) -> None:
    """Refuse a delivery with a line beyond the limit.

    Raises:
        DataError: The line is too long.
    """
    if length > settings.record_limit_characters:
        raise DataError(
            f"{display_name(path)} holds a line of more than {settings.record_limit_characters:,} characters, so it is "
            "not the table it should be. Check the line ends, or raise CLAIMS_RECORD_LIMIT_CHARACTERS. "
            "Nothing of it landed."
        )
