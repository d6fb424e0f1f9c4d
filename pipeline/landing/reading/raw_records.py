"""Records as text, whichever reader gets them: the database's where a file allows it, the careful one elsewhere."""
# ruff: noqa: S608 - composed SQL holds literals that are quoted and the contract's names

import io
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
from pyarrow import parquet

from pipeline.landing.reading import formats, value_counts
from pipeline.landing.reading.byte_scan import count_lines, refuse_long_line
from pipeline.landing.reading.csv_reader import LongLineError, Record, Shape, Tally, parse_record, read_records
from pipeline.landing.reading.delivery_file import display_name, open_delivery
from pipeline.landing.reading.dialect import NO_OPTIONS, Dialect, recognise
from pipeline.landing.reading.encoding import windows_1252_or_utf_8
from pipeline.landing.reading.invalid_bytes import HANDLER, shown
from pipeline.landing.reading.number_forms import APPROXIMATE
from pipeline.landing.reading.options import Options
from warehouse.duckdb_engine import sql_literal
from warehouse.errors import DataError
from warehouse.settings import Settings

_BATCH_ROWS = 20_000
NULLS_OF_THE_PUBLISHED_FILE = ("", "#N/A")


class Source(NamedTuple):
    """A delivered file and what is known of it before its records are read."""

    path: Path
    link: Path
    """The file under a name that no reader takes for a pattern."""
    dialect: Dialect
    settings: Settings
    options: Options = NO_OPTIONS


class Staged(NamedTuple):
    """What came of staging a delivery."""

    record_count: int
    """Records in the file, counted apart from the rows that were staged."""
    encoding: str
    tally: Tally


def extra_name(position: int) -> str:
    """The staged name of a column that nobody expects."""
    return f"extra_{position}"


def native_reader(source: Source, nulls: Iterable[str]) -> str:
    """SQL that reads a file with the database's own strict reader, every cell as text, under the landed names.

    Args:
        source: A file in a native dialect.
        nulls: Spellings that become NULL.

    Returns:
        A SELECT of the cells and the extra columns.
    """
    dialect = source.dialect
    columns = ", ".join(f"'column_{position}': 'VARCHAR'" for position in range(len(dialect.header)))
    spellings = ", ".join(sql_literal(spelling) for spelling in nulls)
    reader = (
        f"read_csv({sql_literal(source.link)}, header = true, auto_detect = false, strict_mode = true, "
        f"delim = {sql_literal(dialect.delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}}, "
        f"nullstr = [{spellings}], compression = '{'gzip' if dialect.is_compressed else 'none'}', "
        f"max_line_size = {source.settings.record_limit_characters})"
    )
    return f"select {_named(dialect, 'column_{}'.format)} from {reader}"


def stage_native(connection: duckdb.DuckDBPyConnection, source: Source, target: Path) -> int:
    """Stage a native file with the database's reader.

    Returns:
        The number of records read.

    Raises:
        duckdb.Error: The strict reader takes offence at the file.
    """
    numbered = f"select row_number() over () as record_number, * from ({native_reader(source, [''])})"
    lines = f"record_number + {source.dialect.header_lines} as line_number"
    return _copy(connection, f"select *, {lines} from ({numbered})", target)


def stage_parquet(connection: duckdb.DuckDBPyConnection, source: Source, target: Path) -> Staged:
    """Stage a Parquet delivery, its values as text.

    Raises:
        DataError: The file is broken, or its rows are not all read.
    """
    columns = ", ".join(f"column_{position}" for position in range(len(source.dialect.header)))
    try:
        schema, expected = parquet.read_schema(source.path), parquet.read_metadata(source.path).num_rows
        texts = {position: _as_text(f"column_{position}", kind) for position, kind in enumerate(schema.types)}
        reader = f"read_parquet({sql_literal(source.link)}) as delivered({columns})"
        _copy(
            connection,
            f"select row_number() over () as record_number, cast(null as bigint) as line_number, "
            f"{_named(source.dialect, texts.__getitem__)} from {reader}",
            target,
        )
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise DataError(
            f"{display_name(source.path)} cannot be read: {str(error).splitlines()[0]}. Nothing of it landed."
        ) from error
    return Staged(expected, "", Tally())


def stage_carefully(source: Source, target: Path) -> Staged:
    """Stage a text file with the careful reader.

    Args:
        source: The delivered file.
        target: The Parquet file to write.

    Returns:
        The records, proven by the lines that they and nothing else account for.

    Raises:
        DataError: A line is longer than the limit, or a line of the file was not read.
    """
    path, dialect, settings = source.path, source.dialect, source.settings
    encoding = dialect.encoding
    if source.options.encoding:
        encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    elif encoding == "utf-8":
        encoding = "utf-8-sig" if dialect.has_byte_order_mark else windows_1252_or_utf_8(path, settings)
    line_end, tally, record_count = dialect.line_end[-1], Tally(), 0
    shape = Shape(dialect.delimiter, len(dialect.header), dialect.positions["video_id"])
    schema = _schema(dialect)
    try:
        with (
            open_delivery(path, settings) as stream,
            io.TextIOWrapper(stream, encoding, HANDLER, newline=line_end) as text,
            parquet.ParquetWriter(target, schema) as writer,
        ):
            records = read_records(
                stream=text,
                line_end=line_end,
                shape=shape,
                character_limit=settings.record_limit_characters,
                header_lines=dialect.header_lines,
                tally=tally,
            )
            while batch := list(islice(records, _BATCH_ROWS)):
                writer.write_table(_table(batch, record_count, dialect, schema))
                record_count += len(batch)
    except LongLineError:
        refuse_long_line(path, settings.record_limit_characters + 1, settings)
    if (line_count := count_lines(path, encoding, line_end, settings)) != tally.line_count:
        raise DataError(
            f"{display_name(path)} has {line_count:,} lines, of which {tally.line_count:,} were read. Nothing landed; "
            "report this file."
        )
    return Staged(record_count, encoding, tally)


def stage_values(source: Source, target: Path) -> Staged:
    """Stage the records of a spreadsheet or of JSON, their values as text.

    Args:
        source: The delivered file.
        target: The Parquet file to write.

    Returns:
        The records.

    Raises:
        DataError: The file is broken.
    """
    tally, record_count, schema = Tally(), 0, _schema(source.dialect)
    records = _value_records(source.path, source.dialect, source.settings, tally)
    with parquet.ParquetWriter(target, schema) as writer:
        while batch := list(islice(records, _BATCH_ROWS)):
            writer.write_table(_table(batch, record_count, source.dialect, schema))
            record_count += len(batch)
    return Staged(_counted_apart(source, target.parent), source.dialect.encoding, tally)


def _counted_apart(source: Source, beside: Path) -> int:
    path, dialect, settings = source.path, source.dialect, source.settings
    if dialect.kind == "XLSX":
        sheet = formats.open_sheet(path, dialect.sheet, settings)
        return value_counts.count_sheet_rows(path, sheet.name, sheet.first_row_number + dialect.header_lines - 1)
    is_list = formats.is_json_list(path, dialect.encoding, settings)
    return value_counts.count_json(path, dialect.encoding, beside, settings, is_list=is_list)


def _value_records(path: Path, dialect: Dialect, settings: Settings, tally: Tally) -> Iterator[Record]:
    if dialect.kind == "XLSX":
        sheet = formats.open_sheet(path, dialect.sheet, settings)
        return formats.sheet_records(sheet, dialect.header_lines, len(dialect.header), tally)
    return formats.fields_of(formats.json_records(path, dialect.encoding, settings), dialect.header)


def first_texts(path: Path, settings: Settings, options: Options = NO_OPTIONS) -> list[str]:
    """Some texts from the beginning of a delivery, as they stand there, by which our own twin is recognised.

    Returns:
        Cells of the column of prose; of a feed without one, keys.

    Raises:
        DataError: The file is not the expected table.
    """
    dialect = recognise(path, settings, options)
    name = next((column.name for column in dialect.feed.columns if column.is_prose), dialect.feed.key)
    position = dialect.positions.get(name)
    if position is None:
        return []
    if dialect.is_parquet:
        batch = next(parquet.ParquetFile(path).iter_batches(1_000, columns=[dialect.header[position]]), None)
        return [str(text) for text in batch[0].to_pylist() if text] if batch else []
    if dialect.kind != "CSV":
        first = islice(_value_records(path, dialect, settings, Tally()), 1_000)
        return [record.fields[position] for record in first if record.fields and record.fields[position]]
    with open_delivery(path, settings) as stream:
        lines = stream.read(1 << 16).decode(dialect.encoding, HANDLER).split(dialect.line_end)
    shape = Shape(dialect.delimiter, len(dialect.header), dialect.positions["video_id"])
    records = (parse_record(line, shape, Tally())[0] for line in lines[dialect.header_lines : -1] or lines[-1:])
    return [fields[position] for fields in records if fields and fields[position]]


def raw_lines(source: Source, line_numbers: list[int]) -> Iterator[str]:
    """The text of some physical lines of a native file, in order."""
    with open_delivery(source.path, source.settings) as stream:
        previous = 0
        for number in line_numbers:
            line = next(islice(stream, number - previous - 1, None))
            previous = number
            yield shown(line.rstrip(b"\r\n").decode("utf-8", HANDLER))


def _names(dialect: Dialect) -> list[str]:
    return [column.name for column in dialect.feed.columns]


def _named(dialect: Dialect, text_of: Callable[[int], str]) -> str:
    cells = [
        f'{text_of(dialect.positions[name])} as "{name}"'
        if name in dialect.positions
        else f'cast(null as varchar) as "{name}"'
        for name in _names(dialect)
    ]
    extras = [f"{text_of(position)} as {extra_name(position)}" for position in dialect.extra_positions]
    return ", ".join(cells + extras)


# The largest whole number up to which a floating-point type holds every one.
_EXACT_UP_TO = {pa.float16(): 2**11, pa.float32(): 2**24, pa.float64(): 2**53}


def _as_text(column: str, stored: pa.DataType) -> str:
    """SQL of a stored value as text, judged by its type: the shortest spelling of a float hides what it lost."""
    if stored in _EXACT_UP_TO:
        number = f"cast({column} as double)"
        return (
            f"case when {number} <> trunc({number}) or not isfinite({number}) then cast({column} as varchar) "
            f"when abs({number}) > {_EXACT_UP_TO[stored]} then '{APPROXIMATE}' || cast({column} as varchar) "
            f"else cast(cast({number} as bigint) as varchar) end"
        )
    return f"cast(to_json({column}) as varchar)" if pa.types.is_nested(stored) else f"cast({column} as varchar)"


def _copy(connection: duckdb.DuckDBPyConnection, select: str, target: Path) -> int:
    copied = connection.execute(
        f"copy (select *, cast(null as varchar) as raw_text, cast(null as varchar) as structural_reason "
        f"from ({select})) to {sql_literal(target)} (format parquet)"
    )
    return int(copied.fetchall()[0][0])


def _schema(dialect: Dialect) -> pa.Schema:
    texts = [*_names(dialect), *(extra_name(position) for position in dialect.extra_positions)]
    return pa.schema(
        [
            ("record_number", pa.int64()),
            ("line_number", pa.int64()),
            ("raw_text", pa.string()),
            ("structural_reason", pa.string()),
            *((name, pa.string()) for name in texts),
        ]
    )


def _table(batch: list[Record], before: int, dialect: Dialect, schema: pa.Schema) -> pa.Table:
    width = len(dialect.header)
    nothing = [None] * width
    delivered = list(zip(*(record.fields or nothing for record in batch), strict=True))
    absent = [None] * len(batch)
    columns = [
        range(before + 1, before + 1 + len(batch)),
        [record.line_number for record in batch],
        [shown(record.raw_text) for record in batch],
        [record.reason for record in batch],
        *(delivered[dialect.positions[name]] if name in dialect.positions else absent for name in _names(dialect)),
        *(delivered[position] for position in dialect.extra_positions),
    ]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
