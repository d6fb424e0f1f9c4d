"""CSV for people: the one way a table leaves as CSV, safe to open in a spreadsheet."""

import io
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

# A spreadsheet takes a cell that begins so for a formula, or drops what stands before the sign and then does: spaces,
# line ends, what is not printed. Wide forms of the signs count where people write Chinese or Japanese.
_FORMULA_START = r"^(?:[\s\x00-\x1f\x7f\p{Z}\p{Cf}]*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]|[\t\r\n])"


def write_csv(table: pa.Table | pa.RecordBatchReader, target: Path | IO[bytes] | IO[str]) -> None:
    """Write rows as UTF-8 CSV with a header, texts in quotes, NULL as an empty field.

    Text cells and column names that a spreadsheet would run as a formula (they begin with `=`, `+`, `-` or `@`, after
    spaces and line ends too, or with a tab or a line end) get an apostrophe in front, which spreadsheets take for "this
    is text". Numbers stay numbers, negative ones too.

    Args:
        table: The rows; a reader is streamed batch by batch.
        target: A file, which is replaced, or an open stream, which stays open.
    """
    if isinstance(target, Path):
        with target.open("wb") as stream:
            write_csv(table, stream)
        return
    batches = table.to_batches() if isinstance(table, pa.Table) else table
    _write(pa.table([[]] * len(table.schema), schema=_text_schema(table.schema)), target, include_header=True)
    for batch in batches:
        _write(pa.table([_defused(column) for column in batch.columns], schema=_text_schema(table.schema)), target)


def _write(rows: pa.Table, target: IO[bytes] | IO[str], *, include_header: bool = False) -> None:
    buffer = io.BytesIO()
    csv.write_csv(rows, buffer, csv.WriteOptions(include_header=include_header))
    if isinstance(target, io.TextIOBase):
        target.write(buffer.getvalue().decode("utf-8"))
    else:
        target.write(buffer.getvalue())  # type: ignore[arg-type]


def _text_schema(schema: pa.Schema) -> pa.Schema:
    names = _defused(pa.array(schema.names, pa.string())).to_pylist()
    types = [pa.string() if _is_text(field.type) else field.type for field in schema]
    return pa.schema(list(zip(names, types, strict=True)))


def _defused(column: pa.Array) -> pa.Array:
    """Put an apostrophe before text that looks like a formula; other types pass."""
    if not _is_text(column.type):
        return column
    texts = column.cast(pa.string())
    return pc.replace_substring_regex(texts, _FORMULA_START, r"'\0")


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))
