"""Opening a delivered file: plain or gzip, and never more of it than the limits allow."""

import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from warehouse.errors import DataError
from warehouse.settings import Settings

GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 20
# What is looked at several times over is looked at while it lies in the processor's cache: a third faster (2026-11).
_CACHED_BYTES = 1 << 18
# A short text may well shrink a thousandfold; only what is large enough to hurt is judged by its ratio.
FREE_BYTES = 16 << 20


def display_name(path: Path) -> str:
    """A file's name as text that a table can hold and a line can show, whatever bytes it is made of."""
    text = os.fsencode(path.name).decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def content_hash(path: Path) -> str:
    """SHA-256 of the delivered bytes, by which a delivery is known."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_gzip(path: Path) -> bool:
    """Whether the content, whatever the name, is compressed."""
    with path.open("rb") as file:
        return file.read(2) == GZIP_MAGIC


@contextmanager
def open_delivery(path: Path, settings: Settings) -> Iterator[BinaryIO]:
    """Open a delivery as the bytes of its text.

    Args:
        path: The delivered file, plain or gzip.
        settings: The limit of decompression.

    Yields:
        A binary stream.

    Raises:
        DataError: While reading: the compressed data are broken, or are a decompression bomb.
    """
    if not is_gzip(path):
        with path.open("rb") as plain:
            yield plain
        return
    with gzip.open(path) as inside:
        yield io.BufferedReader(_Decompressed(path, inside, settings), _CHUNK)  # type: ignore[type-var]


def read_chunks(stream: BinaryIO, line_limit: int) -> Iterator[bytes]:
    """Read in small pieces that end at a line feed, unless the next one is further away than the limit."""
    while chunk := stream.read(_CACHED_BYTES):
        yield chunk + stream.readline(line_limit + 1)


class _Decompressed(io.RawIOBase):
    """The inside of a gzip file, which stops when there is far more of it than its size makes likely."""

    def __init__(self, path: Path, inside: gzip.GzipFile, settings: Settings) -> None:
        """Read `inside`, the open content of `path`."""
        self._path, self._inside, self._ratio = path, inside, settings.decompression_limit_ratio
        self._limit = max(FREE_BYTES, path.stat().st_size * self._ratio)
        self._seen = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Fill a buffer, as raw streams do."""
        try:
            count = self._inside.readinto(buffer)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise DataError(
                f"{display_name(self._path)} is broken gzip data ({error}). Deliver it again; nothing of it landed."
            ) from error
        self._seen += count
        if self._seen > self._limit:
            raise _bomb(self._path, self._ratio)
        return count


def copy_limited(source: IO[bytes], target: IO[bytes], path: Path, settings: Settings) -> None:
    """Copy the inside of a compressed delivery to a file.

    Raises:
        DataError: There is far more of it than the size of the delivery makes likely.
    """
    ratio, seen = settings.decompression_limit_ratio, 0
    limit = max(FREE_BYTES, path.stat().st_size * ratio)
    while chunk := source.read(_CHUNK):
        seen += len(chunk)
        if seen > limit:
            raise _bomb(path, ratio)
        target.write(chunk)


def _bomb(path: Path, ratio: float) -> DataError:
    return DataError(
        f"{display_name(path)} grows to more than {ratio:g} times its size when decompressed, like a decompression "
        "bomb. If it is genuine, deliver it uncompressed or raise CLAIMS_DECOMPRESSION_LIMIT_RATIO. Nothing of it "
        "landed."
    )
