"""Tombstones: what was erased is known again by a keyed hash, and nobody without the key can tell what it was."""

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pipeline.state import durable
from warehouse.errors import WarehouseError
from warehouse.settings import Settings

COLUMNS = ("video_id", "reporter_id")
"""Columns by which records are erased."""

# Signs that group the digits of a number, where three digits follow.
_GROUPING = re.compile(r"(?<=\d)[.,' \u00a0\u202f](?=\d{3}(?!\d)|\d{3}[.,' \u00a0\u202f])")
_WORD = re.compile(r"""[^\s,;|"']+""")


class Tombstones(NamedTuple):
    """What has been erased from a home."""

    key: bytes
    marks: frozenset[str]

    def hold(self, column: str, value: object) -> bool:
        """Whether a value of a column was erased."""
        return _mark(self.key, column, str(value)) in self.marks

    def are_in(self, text: str | None) -> bool:
        """Whether a text that could not be read as a record names something that was erased."""
        if not text:
            return False
        numbers = {number.lstrip("0") for spelled in (text, ungrouped(text)) for number in re.findall(r"\d+", spelled)}
        return any(self.hold("video_id", number) for number in numbers) or any(
            self.hold("reporter_id", word) for word in set(_WORD.findall(text))
        )


def ungrouped(text: str) -> str:
    """A text without the signs that group the digits of its numbers."""
    return _GROUPING.sub("", text)


def read(settings: Settings) -> Tombstones | None:
    """What has been erased; None where nothing has.

    Raises:
        WarehouseError: The key is gone, so that nothing that was erased could be kept out.
    """
    if not _marks_path(settings).exists():
        return None
    try:
        key = _key_path(settings).read_bytes()
    except FileNotFoundError as error:
        raise WarehouseError(
            f"{_key_path(settings)} is missing, so that what was erased would land again. Restore it from a backup."
        ) from error
    return Tombstones(key, frozenset(json.loads(_marks_path(settings).read_text(encoding="utf-8"))))


def add(settings: Settings, erased: Iterable[tuple[str, object]]) -> None:
    """Remember what is erased, durably, before anything of it goes.

    Args:
        settings: Whose home; its key is made with the first tombstone and never leaves it.
        erased: Columns and values.
    """
    before = read(settings)
    key = before.key if before else _made_key(settings)
    marks = {_mark(key, column, str(value)) for column, value in erased} | (before.marks if before else frozenset())
    durable.replace_text(_marks_path(settings), json.dumps(sorted(marks), indent=0) + "\n")
    _marks_path(settings).chmod(0o600)


def _made_key(settings: Settings) -> bytes:
    path = _key_path(settings)
    if path.exists() and (key := path.read_bytes()):
        return key
    key = secrets.token_hex(32).encode()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(key)
    durable.sync(path)
    durable.sync(path.parent)
    return key


def _mark(key: bytes, column: str, value: str) -> str:
    return hmac.new(key, f"{column}\0{value}".encode(), hashlib.sha256).hexdigest()


def _key_path(settings: Settings) -> Path:
    return settings.home / "erased.key"


def _marks_path(settings: Settings) -> Path:
    return settings.home / "erased.json"
