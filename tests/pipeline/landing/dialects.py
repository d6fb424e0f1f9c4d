"""Writers of the twin's records in the dialects that deliveries come in."""

import csv
import gzip
import html
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

Row = list[str]
COUNTS = range(7, 12)


def read_rows(path: Path) -> list[Row]:
    """The records of a file in the published dialect, the header first."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def text_of(rows: Sequence[Row], delimiter: str = ",", line_end: str = "\r\n", *, quote_all: bool = False) -> str:
    """Rows as RFC 4180 has them."""
    stream = io.StringIO()
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    csv.writer(stream, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows(rows)
    return stream.getvalue()


def mapped(rows: Sequence[Row], columns: Sequence[int], change: Callable[[str], str]) -> list[Row]:
    """Rows with some columns' non-empty cells changed, the header left alone."""
    return [
        rows[0],
        *(
            [change(cell) if position in columns and cell else cell for position, cell in enumerate(row)]
            for row in rows[1:]
        ),
    ]


def numbers(change: Callable[[str], str]) -> Callable[[str], str]:
    """Change numbers, leave other cells."""
    return lambda cell: change(cell) if cell.isdigit() else cell


def nulls(spelling: str) -> Callable[[list[Row]], list[Row]]:
    """Write every missing value in one way."""
    return lambda rows: [[spelling if cell in ("", "#N/A") else cell for cell in row] for row in rows]


def scientific(cell: str) -> str:
    """12300 as 1.2300e4, with all digits."""
    return f"{cell[0]}{'.' * (len(cell) > 1)}{cell[1:]}e{len(cell) - 1}"


def wrapped(lines: Sequence[str], every: int = 1) -> str:
    """Lines in quotes once more."""
    return "\r\n".join(
        '"' + line.replace('"', '""') + '"' if number % every == 0 else line for number, line in enumerate(lines)
    )


def backslashed(rows: Sequence[Row]) -> str:
    """Quotes within quotes escaped by a backslash, apostrophes too."""
    stream = io.StringIO()
    cells = mapped(rows, [4], lambda cell: cell.replace("'", "\\'"))
    lines = [
        ",".join(f'"{cell.replace(chr(34), chr(92) + chr(34))}"' if set(cell) & set(',"') else cell for cell in row)
        for row in cells
    ]
    stream.write("\n".join(lines))
    return stream.getvalue()


def moved(rows: Sequence[Row], order: Sequence[int]) -> list[Row]:
    """Columns in another order."""
    return [[row[position] for position in order] for row in rows]


def write_parquet(rows: Sequence[Row], path: Path, *, as_floats: bool) -> None:
    """A Parquet delivery, counts as text or as floating-point numbers."""
    columns = {}
    for position, name in enumerate(rows[0]):
        cells = [row[position] if row[position] not in ("", "#N/A") else None for row in rows[1:]]
        if as_floats and position in COUNTS:
            columns[name] = pa.array([float(cell) if cell else None for cell in cells])
        else:
            columns[name] = pa.array(cells, pa.string())
    parquet.write_table(pa.table(columns), path)


def dialects(rows: list[Row]) -> dict[str, bytes]:
    """Each dialect's name and the file's bytes; all hold the same values."""
    header = rows[0]
    plain = text_of(rows)
    lines = plain.rstrip("\r\n").split("\r\n")
    renamed = [[name.upper().replace("_", " ") if name != "#" else " # " for name in header], *rows[1:]]
    extra = [[*row, "kept" if number else "Campaign"] for number, row in enumerate(rows)]
    unnamed = [[str(number - 1) if number else "", *row] for number, row in enumerate(rows)]
    found = {
        "LF": text_of(rows, line_end="\n"),
        "CR": text_of(rows, line_end="\r"),
        "final newline": plain,
        "no final newline": plain.rstrip("\r\n"),
        "all quoted": text_of(rows, quote_all=True),
        "byte order mark": "\ufeff" + plain,
        "semicolon": text_of(rows, ";"),
        "tab": text_of(rows, "\t"),
        "bar": text_of(rows, "|"),
        "header in capitals with spaces": text_of(renamed),
        "extra columns": text_of(extra),
        "extra unnamed column": text_of(unnamed),
        "other column order": text_of(moved(rows, [2, 0, 5, 6, 1, 4, 3, 11, 10, 9, 8, 7])),
        "decimal zeros": text_of(mapped(rows, COUNTS, numbers(lambda cell: f"{cell}.0"))),
        "thousands": text_of(mapped(rows, COUNTS, numbers(lambda cell: f"{int(cell):,}"))),
        "thousands with semicolons": text_of(mapped(rows, COUNTS, numbers(lambda cell: f"{int(cell):,}")), ";"),
        "decimal commas": text_of(mapped(rows, COUNTS, numbers(lambda cell: f"{cell},0")), ";"),
        "scientific": text_of(mapped(rows, COUNTS, numbers(scientific))),
        "blanks around numbers": text_of(mapped(rows, [0, 2, 3, *COUNTS], numbers(lambda cell: f" {cell} "))),
        "under scrutiny": text_of(mapped(rows, [6], lambda cell: cell.replace("review", "scrutiny"))),
        "capitals and blanks": text_of(mapped(rows, [1, 5, 6], lambda cell: f" {cell.title()}  ")),
        "underscores": text_of(mapped(rows, [5, 6], lambda cell: cell.replace(" ", "_"))),
        "HTML entities": text_of(mapped(rows, [4], lambda cell: html.escape(cell).replace("ö", "&ouml;"))),
        "backslashes": backslashed(rows),
        "all lines wrapped": wrapped(lines),
        "some lines wrapped": wrapped(lines, 3),
        "rows wrapped, not the header": "\r\n".join([lines[0], wrapped(lines[1:])]),
        "blank lines": plain.replace("\r\n", "\r\n\r\n"),
    }
    for name in ("id", "no", "index", "Unnamed: 0", ""):
        found[f"{name!r} for #"] = text_of([[name, *header[1:]], *rows[1:]])
    for spelling in ("", "#N/A", "NA", "N/A", "NULL", "null", "nan", "None", "-", " "):
        found[f"{spelling!r} for no value"] = text_of(nulls(spelling)(rows))
    files = {name: text.encode() for name, text in found.items()}
    files["UTF-16"] = plain.encode("utf-16")
    files["UTF-16 big-endian without mark"] = plain.encode("utf-16-be")
    files["Windows-1252"] = plain.encode("cp1252")
    files["gzip"] = gzip.compress(plain.encode(), mtime=0)
    files["UTF-16, semicolon, bare CR, floats, gzip"] = gzip.compress(
        text_of(mapped(rows, COUNTS, numbers(lambda cell: f"{cell}.0")), ";", "\r").encode("utf-16"), mtime=0
    )
    return files
