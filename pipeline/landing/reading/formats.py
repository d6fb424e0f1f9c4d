"""Deliveries that are no text of lines: a zip archive around a table, a spreadsheet, JSON records.

An archive is unpacked; the other two give records as the careful reader of CSV does, so that the same rules follow.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.landing.reading.csv_reader import Record, Tally
from pipeline.landing.reading.delivery_file import FREE_BYTES, copy_limited, display_name, open_delivery
from pipeline.landing.reading.invalid_bytes import HANDLER, has_invalid_bytes
from pipeline.landing.reading.number_forms import APPROXIMATE
from warehouse.errors import DataError
from warehouse.settings import Settings

ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
BROKEN_JSON = "broken_json"
# A spreadsheet keeps 15 digits; what has more was rounded when it was typed in.
_SPREADSHEET_EXACT = 10**15
_JSON_START = re.compile(r"\s*(\{|\[\s*\{)")
_NOTEBOOK = re.compile(r'\s*\{.*"(cells|nbformat)"', re.DOTALL)
_OPENING = re.compile(r"[\ufeff\s]*\[")
_BETWEEN = re.compile(r"[\ufeff\s,]*")


# --- zip ---


def is_zip(path: Path) -> bool:
    """Whether a file is an archive around other files, and no spreadsheet."""
    with path.open("rb") as file:
        return file.read(4) in ZIP_MAGICS and not is_spreadsheet(path)


def is_spreadsheet(path: Path) -> bool:
    """Whether a zip archive holds a workbook in the format of Excel."""
    return zipfile.is_zipfile(path) and "xl/workbook.xml" in zipfile.ZipFile(path).namelist()


def unpacked(path: Path, folder: Path, settings: Settings) -> Path:
    """Unpack an archive that holds one table.

    Args:
        path: A delivered file.
        folder: Where to unpack it; under the archive's own name, which is the one to show.
        settings: The limit of decompression.

    Returns:
        The table, or the delivered file itself where it is no archive.

    Raises:
        DataError: The archive is broken, holds no or several files, or grows beyond the limit.
    """
    if not is_zip(path):
        return path
    name = display_name(path)
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [entry for entry in archive.infolist() if not _is_litter(entry)]
            if len(inside) != 1:
                names = ", ".join(entry.filename for entry in inside[:5])
                raise DataError(
                    f"{name} holds {len(inside)} files{f' ({names})' if names else ''}, and a delivery is one table. "
                    "Deliver them unpacked, one by one. Nothing of it landed."
                )
            folder.mkdir(parents=True, exist_ok=True)
            target = folder / path.name
            with archive.open(inside[0]) as source, target.open("wb") as file:
                copy_limited(source, file, path, settings)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise DataError(f"{name} is a broken or locked archive ({error}). Nothing of it landed.") from error
    return target


def _is_litter(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a folder, or one of the files that systems leave in archives."""
    parts = entry.filename.split("/")
    return entry.is_dir() or parts[0] == "__MACOSX" or parts[-1].startswith(".") or parts[-1] == "Thumbs.db"


# --- spreadsheets ---


class Sheet(NamedTuple):
    """One sheet of a workbook."""

    name: str
    first_row_number: int
    rows: Iterator[list[Any]]


def open_sheet(path: Path, wanted: str | None, settings: Settings) -> Sheet:
    """Open the sheet that holds the table.

    Args:
        path: A workbook.
        wanted: Its name; None where only one sheet holds anything.
        settings: The limit of decompression.

    Returns:
        The sheet with its rows.

    Raises:
        DataError: The workbook is broken or too large, or does not show which sheet is meant.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, WorksheetNotFound, ZipError

    name = display_name(path)
    size = sum(entry.file_size for entry in zipfile.ZipFile(path).infolist())
    if size > max(FREE_BYTES, path.stat().st_size * settings.decompression_limit_ratio):
        raise DataError(
            f"{name} grows to more than {settings.decompression_limit_ratio:g} times its size when unpacked. Deliver "
            "it as CSV, or raise CLAIMS_DECOMPRESSION_LIMIT_RATIO. Nothing of it landed."
        )
    try:
        book = CalamineWorkbook.from_path(str(path))
        filled = [sheet for sheet in book.sheet_names if book.get_sheet_by_name(sheet).height]
        if wanted is None and len(filled) != 1:
            raise DataError(
                f"{name} holds {len(filled)} sheets with something in them: {', '.join(filled)}. Name the one with the "
                "table: `claims ingest --sheet NAME`. Nothing of it landed."
            )
        if wanted is not None and wanted not in book.sheet_names:
            raise DataError(f"{name} has no sheet {wanted!r}, but {', '.join(book.sheet_names)}. Nothing of it landed.")
        sheet = book.get_sheet_by_name(wanted or filled[0])
        start = sheet.start or (0, 0)
        return Sheet(sheet.name, start[0] + 1, iter(sheet.to_python(skip_empty_area=True)))
    except (CalamineError, PasswordError, WorksheetNotFound, ZipError, OSError) as error:
        raise DataError(f"{name} is a broken or locked spreadsheet ({error}). Nothing of it landed.") from error


def cell_text(value: object) -> str:
    """A cell of a spreadsheet as text, a number by what the spreadsheet could hold of it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float) and value == value // 1:
        whole = str(int(value))
        return whole if abs(value) < _SPREADSHEET_EXACT else APPROXIMATE + whole
    return str(value)


def sheet_records(sheet: Sheet, header_rows: int, field_count: int, tally: Tally) -> Iterator[Record]:
    """The records below the header of a sheet; rows with nothing in them are none."""
    for number, row in enumerate(sheet.rows, sheet.first_row_number):
        tally.line_count += 1
        if number - sheet.first_row_number < header_rows:
            continue
        fields = [cell_text(value) for value in row]
        if not any(fields):
            tally.repaired("blank_line", "", "")
            continue
        shown = json.dumps(fields, ensure_ascii=False)
        yield Record(number, shown, (fields + [""] * field_count)[:field_count], None)


# --- JSON ---


def is_json(text: str) -> bool:
    """Whether a text begins like JSON lines or a list of records."""
    return _JSON_START.match(text) is not None and _NOTEBOOK.match(text) is None


class JsonRecord(NamedTuple):
    """One value of a JSON delivery."""

    line_number: int
    raw_text: str
    cells: dict[str, str | None] | None
    """Its cells as text, or None where it is no record."""
    nested: frozenset[str]
    """The names of the cells that are lists or records."""


def json_records(path: Path, encoding: str, settings: Settings) -> Iterator[JsonRecord]:
    """Read JSON lines, or a list of records.

    In lines, one that is broken costs only itself.

    Raises:
        DataError: A list is broken, or a record is longer than the limit.
    """
    read = _listed if is_json_list(path, encoding, settings) else _lines
    with (
        open_delivery(path, settings) as stream,
        io.TextIOWrapper(stream, encoding, HANDLER, newline="\n") as text,
    ):
        yield from read(path, text, settings)


def is_json_list(path: Path, encoding: str, settings: Settings) -> bool:
    """Whether a JSON delivery is a list, or values over several lines: its first line is no record by itself."""
    with (
        open_delivery(path, settings) as stream,
        io.TextIOWrapper(stream, encoding, HANDLER, newline="\n") as text,
    ):
        first = text.readline(settings.record_limit_characters + 1)
        while first and not first.strip("\ufeff \t\r\n"):
            first = text.readline(settings.record_limit_characters + 1)
    return first.lstrip("\ufeff \t").startswith("[") or _value(first.strip("\ufeff \t\r\n")) is None


def column_names(records: Iterator[JsonRecord]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The columns of JSON records in the order in which they first appear, and those that hold lists or records."""
    names: dict[str, None] = {}
    nested: frozenset[str] = frozenset()
    for record in records:
        names.update(dict.fromkeys(record.cells or ()))
        nested |= record.nested
    return tuple(names), nested


def fields_of(records: Iterator[JsonRecord], header: Sequence[str]) -> Iterator[Record]:
    """JSON records as those of the careful reader."""
    for number, raw, cells, _ in records:
        if has_invalid_bytes(raw):
            yield Record(number, raw, None, "invalid_bytes")
        elif cells is None:
            yield Record(number, raw, None, BROKEN_JSON)
        else:
            yield Record(number, raw, [cells.get(name) or "" for name in header], None)


def _lines(path: Path, text: io.TextIOWrapper, settings: Settings) -> Iterator[JsonRecord]:
    number = 0
    while line := text.readline(settings.record_limit_characters + 1):
        number += 1
        if len(line) > settings.record_limit_characters:
            raise _too_long(path, settings)
        if raw := line.strip("\ufeff \t\r\n"):
            yield _record(number, raw, _value(raw))


def _listed(path: Path, text: io.TextIOWrapper, settings: Settings) -> Iterator[JsonRecord]:
    """The values of a list, or values one after the other, decoded as they come."""
    buffer, number, is_open = "", 1, True
    while True:
        position = _between(buffer, is_open=is_open)
        number += buffer.count("\n", 0, position)
        buffer = buffer[position:]
        try:
            value, end = _DECODER.raw_decode(buffer)
        except ValueError as error:
            if len(buffer) > settings.record_limit_characters:
                raise _too_long(path, settings) from error
            if chunk := text.read(1 << 16):
                buffer += chunk
                continue
            if buffer.strip() in ("", "]"):
                return
            raise DataError(
                f"{display_name(path)} is broken JSON on line {number:,} ({error}). Deliver it again; nothing of it "
                "landed."
            ) from error
        is_open = False
        raw = buffer[:end]
        yield _record(number, raw, value)
        number += raw.count("\n")
        buffer = buffer[end:]


def _between(buffer: str, *, is_open: bool) -> int:
    """How much of a text stands before its next value."""
    opened = _OPENING.match(buffer) if is_open else None
    found = _BETWEEN.match(buffer, opened.end() if opened else 0)
    return found.end() if found else 0


class _Pairs(list[tuple[str, Any]]):
    """An object as its pairs, so that a name that stands twice is seen, and numbers as they are spelled."""


_DECODER = json.JSONDecoder(object_pairs_hook=_Pairs, parse_float=str, parse_int=str, parse_constant=str, strict=False)


def _value(raw: str) -> Any:
    try:
        value, end = _DECODER.raw_decode(raw)
    except ValueError:
        return None
    return value if end == len(raw) else None


def _record(number: int, raw: str, value: Any) -> JsonRecord:
    if not isinstance(value, _Pairs) or len({name for name, _ in value}) < len(value):
        return JsonRecord(number, raw, None, frozenset())
    nested = frozenset(name for name, cell in value if isinstance(cell, list))
    # As they were written: the decoder above has made text of the numbers in them.
    plain = json.loads(raw, strict=False) if nested else {}
    cells = {
        name: json.dumps(plain[name], ensure_ascii=False) if name in nested else _scalar(cell) for name, cell in value
    }
    return JsonRecord(number, raw, cells, nested)


def _scalar(value: Any) -> str | None:
    return str(value).lower() if isinstance(value, bool) else value


def _too_long(path: Path, settings: Settings) -> DataError:
    return DataError(
        f"{display_name(path)} holds a record of more than {settings.record_limit_characters:,} characters. Check it, "
        "or raise CLAIMS_RECORD_LIMIT_CHARACTERS. Nothing of it landed."
    )
