"""What stands in a delivery, counted on its bytes and apart from whatever reads it as a table."""

import codecs
from pathlib import Path
from typing import NamedTuple

from pipeline.delivery_file import display_name, open_delivery, read_chunks
from pipeline.invalid_bytes import HANDLER
from warehouse.errors import DataError
from warehouse.settings import Settings


class Survey(NamedTuple):
    """Counts of one pass over the bytes."""

    line_count: int
    """Physical lines, the header among them."""
    is_for_native_reader: bool
    """Whether the database's reader can make no more records of the file than it has lines: as many rows as lines then
    prove that each line is a record."""


def survey(path: Path, settings: Settings) -> Survey:
    """Count the lines of a file in an encoding that extends ASCII, and find what needs a careful reader.

    Args:
        path: The delivered file.
        settings: Its limits.

    Returns:
        The counts. The database's reader joins lines (a blank one, a line end inside quotes) but splits none, unless
        there is a bare carriage return; a NUL or a quote behind a backslash it may read in its own way.

    Raises:
        DataError: A line is longer than the limit, or the compressed data are broken or a bomb.
    """
    line_count, is_native = 0, True
    with open_delivery(path, settings) as stream:
        for chunk in read_chunks(stream, settings.record_limit_characters):
            refuse_long_line(path, len(chunk) - (chunk.rfind(b"\n", 0, -1) + 1), settings)
            line_count += chunk.count(b"\n") + (not chunk.endswith(b"\n"))
            # Single bytes are found ten times as fast as pairs, and most files hold none of them (2026-11).
            is_native = is_native and not (
                b"\0" in chunk
                or (b"\r" in chunk and chunk.count(b"\r") != chunk.count(b"\r\n"))
                or (b"\\" in chunk and b'\\"' in chunk)
            )
    return Survey(line_count, is_native)


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
