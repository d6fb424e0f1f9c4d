"""How many records a spreadsheet or a JSON file holds, counted apart from the readers that give their values."""
# ruff: noqa: S608 - composed SQL holds literals that are quoted

import io
import posixpath
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from pipeline.landing.reading.delivery_file import display_name, open_delivery
from pipeline.landing.reading.invalid_bytes import HANDLER
from warehouse.duckdb_engine import connect_memory, sql_literal
from warehouse.errors import DataError
from warehouse.settings import Settings

_SPACE = "\ufeff \t\r\n"


def count_json(path: Path, encoding: str, beside: Path, settings: Settings, *, is_list: bool) -> int:
    """Count the records of a JSON delivery: of lines those that are not blank, of a list what DuckDB reads in it.

    Args:
        path: The delivered file.
        encoding: Of its text.
        beside: A folder of our own.
        settings: The limits.
        is_list: Whether it is no JSON lines.

    Returns:
        The number of records.

    Raises:
        DataError: It is broken.
    """
    with (
        open_delivery(path, settings) as stream,
        io.TextIOWrapper(stream, encoding, HANDLER, newline="\n") as text,
    ):
        if not is_list:
            return sum(bool(line.strip(_SPACE)) for line in text)
        plain = beside / "counted.json"
        with plain.open("w", encoding="utf-8", errors="replace") as copy:
            copy.write(text.read(1).strip(_SPACE))
            while chunk := text.read(1 << 20):
                copy.write(chunk)
    size = f"maximum_object_size = {4 * settings.record_limit_characters}"
    try:
        with connect_memory(1) as connection:
            counted = connection.execute(f"select count(*) from read_json_objects({sql_literal(plain)}, {size})")
            return int(counted.fetchall()[0][0])
    except duckdb.Error as error:
        why = str(error).splitlines()[0]
        raise DataError(
            f"{display_name(path)} is broken JSON: {why}. Deliver it again; nothing of it landed."
        ) from error
    finally:
        plain.unlink()


def count_sheet_rows(path: Path, sheet: str, below: int) -> int:
    """Count the rows of a sheet that hold something, as the workbook's own XML has them.

    Args:
        path: A workbook.
        sheet: The name of the sheet.
        below: The number of the header's row.

    Returns:
        The number of rows below the header with at least one cell that is not empty.
    """
    with zipfile.ZipFile(path) as book:
        is_filled = _shared_texts(book)
        count, number = 0, 0
        for row in _elements(book, _sheet_file(book, sheet), "row"):
            number = int(row.get("r", number + 1))
            count += number > below and any(_holds_something(cell, is_filled) for cell in row)
    return count


def _sheet_file(book: zipfile.ZipFile, sheet: str) -> str:
    (key,) = {
        value
        for entry in _elements(book, "xl/workbook.xml", "sheet")
        if entry.get("name") == sheet
        for name, value in entry.items()
        if name.endswith("}id")
    }
    links = _elements(book, "xl/_rels/workbook.xml.rels", "Relationship")
    target = next(link.get("Target", "") for link in links if link.get("Id") == key)
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _shared_texts(book: zipfile.ZipFile) -> list[bool]:
    """Whether each of the texts that cells share is one."""
    name = "xl/sharedStrings.xml"
    return [bool(_text(entry)) for entry in _elements(book, name, "si")] if name in book.namelist() else []


def _elements(book: zipfile.ZipFile, name: str, tag: str) -> Iterator[ET.Element]:
    with book.open(name) as stream:
        for _, element in ET.iterparse(stream):  # noqa: S314 - as above
            if _is(element, tag):
                yield element
                element.clear()


def _holds_something(cell: ET.Element, is_filled: list[bool]) -> bool:
    if cell.get("t") == "inlineStr":
        return bool(_text(cell))
    value = next((part.text or "" for part in cell if _is(part, "v")), "")
    return is_filled[int(value)] if cell.get("t") == "s" and value else bool(value)


def _text(element: ET.Element) -> str:
    """The text of an element without the readings that stand above Japanese ones."""
    return "".join((part.text or "") if _is(part, "t") else _text(part) for part in element if not _is(part, "rPh"))


def _is(element: ET.Element, tag: str) -> bool:
    return element.tag.rpartition("}")[2] == tag
