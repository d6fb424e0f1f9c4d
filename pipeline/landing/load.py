"""One delivered file into one folder of landed rows, rejected rows and repairs, by the shortest way that is safe.

A file in plain form goes straight through the database's strict reader. Where a cell is unusual its text is staged
and cleaned; where a record is, the careful reader stages it. The proof is the same for all: the records counted on
the file's bytes are the rows that landed and the rows that were rejected.
"""
# ruff: noqa: S608 - composed SQL holds literals that are quoted and the contract's names

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
from pyarrow import parquet

from pipeline.landing.cells import cell_rules
from pipeline.landing.cells.repairs import Repair, file_repairs, line_repairs
from pipeline.landing.cells.validate import Judged, Reject, copy_table, erased_values, judge, lineage
from pipeline.landing.reading.byte_scan import Survey, survey
from pipeline.landing.reading.csv_reader import Tally
from pipeline.landing.reading.delivery_file import display_name
from pipeline.landing.reading.dialect import NO_OPTIONS, ROW_LABEL, recognise
from pipeline.landing.reading.options import Options
from pipeline.landing.reading.raw_records import (
    NULLS_OF_THE_PUBLISHED_FILE,
    Source,
    Staged,
    native_reader,
    stage_carefully,
    stage_native,
    stage_parquet,
    stage_values,
)
from pipeline.landing.values import Values, measure
from pipeline.state import tombstones
from warehouse import contract
from warehouse.duckdb_engine import sql_literal
from warehouse.errors import DataError
from warehouse.settings import Settings

# What the database's strict reader raises on a file that is not in the dialect it was told, or whose compression it
# does not read to the end (2.0).
_READER_ERRORS = (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.IOException)


class Loaded(NamedTuple):
    """What one file gave."""

    feed: str
    values: Values
    dialect: str
    record_count: int
    landed_count: int
    rejected_count: int
    repairs: tuple[Repair, ...]
    rejects: tuple[Reject, ...]
    column_names: Mapping[str, str]
    """Landed column -> its name in the file."""


def load(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    path: Path,
    work: Path,
    number: int,
    options: Options = NO_OPTIONS,
) -> Loaded:
    """Read a delivered file into a work folder.

    Args:
        connection: A private connection.
        settings: The limits.
        path: The delivered file.
        work: An empty folder, which receives the feed's landed rows, `landed_rejects`, `landed_repairs` and, where
            there are extra columns, `landed_extras`.
        number: The delivery's number.
        options: What is known of the file beforehand.

    Returns:
        What landed, what was rejected, and what was repaired.

    Raises:
        DataError: The file is refused.
    """
    # The database's readers take a name for a pattern; a link of our own has no name to misread.
    cell_rules.prepare(connection)
    with refusing_reader_errors(path):
        source = Source(path, work / "delivered", recognise(path, settings, options), settings, options)
        source.link.symlink_to(path.absolute())
        staged, judged = _shortest_way(connection, source, work, number)
    source.link.unlink()
    repairs = [*file_repairs(source.dialect, staged.encoding), *line_repairs(staged.tally), *judged.repairs]
    loaded = Loaded(
        feed=source.dialect.feed.name,
        values=measure(connection, work / f"{source.dialect.feed.table}.parquet", source.dialect.feed),
        dialect=source.dialect._replace(encoding=staged.encoding.removesuffix("-sig")).described(),
        record_count=staged.record_count,
        landed_count=_row_count(work, source.dialect.feed.table),
        rejected_count=_row_count(work, "landed_rejects"),
        repairs=tuple(repair.presentable() for repair in repairs),
        rejects=judged.rejects,
        column_names=source.dialect.names,
    )
    if erased := tombstones.read(settings):
        kept = (repair if not _names(repair, erased) else repair.without_examples() for repair in loaded.repairs)
        loaded = loaded._replace(repairs=tuple(kept))
    _write_repairs(loaded.repairs, source, work, number)
    if loaded.record_count != loaded.landed_count + loaded.rejected_count:
        raise DataError(
            f"{display_name(path)} holds {loaded.record_count:,} records, but {loaded.landed_count:,} landed and "
            f"{loaded.rejected_count:,} were rejected. Nothing landed; report this file."
        )
    return loaded


@contextmanager
def refusing_reader_errors(path: Path) -> Iterator[None]:
    """Turn a reader's error into a refusal of the file; a lack of memory or disk stays what it is.

    Raises:
        DataError: The file cannot be read.
    """
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise
    except (duckdb.Error, pa.ArrowException, OSError, UnicodeError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        # The system's own errors have a number, those of Parquet's and gzip's readers none.
        if (isinstance(error, OSError) and error.errno is not None) or "No space left" in str(error):
            raise
        raise DataError(
            f"{display_name(path)} cannot be read: {str(error).splitlines()[0]}. Nothing of it landed."
        ) from error


def _shortest_way(
    connection: duckdb.DuckDBPyConnection, source: Source, work: Path, number: int
) -> tuple[Staged, Judged]:
    stage = work / "staged.parquet"
    staged = None
    found = _surveyed(source)
    if found is not None and found.is_one_line_a_record:
        native = Staged(found.line_count - source.dialect.header_lines, source.dialect.encoding, Tally())
        _refuse_nothing(source, native)
        try:
            if _copy_plain(connection, source, native, work, number):
                return native, Judged((), [])
            if stage_native(connection, source, stage) == native.record_count:
                staged = native
        except _READER_ERRORS:
            staged = None
    if staged is None and source.dialect.is_parquet:
        staged = stage_parquet(connection, source, stage)
    elif staged is None and source.dialect.kind == "CSV":
        staged = stage_carefully(source, stage)
    elif staged is None:
        staged = stage_values(source, stage)
    _refuse_nothing(source, staged)
    judged = judge(connection, source, stage, staged.record_count, number)
    stage.unlink()
    return staged, judged


def _surveyed(source: Source) -> Survey | None:
    dialect = source.dialect
    if not dialect.is_native:
        return None
    return survey(source.path, dialect.delimiter, len(dialect.header), source.settings)


def _copy_plain(connection: duckdb.DuckDBPyConnection, source: Source, native: Staged, work: Path, number: int) -> bool:
    """Land a file without any cell to repair or reject; False where there is one.

    Raises:
        duckdb.Error: The strict reader takes offence at the file.
    """
    if source.dialect.extra_positions:
        return False
    reader = native_reader(source, NULLS_OF_THE_PUBLISHED_FILE)
    target = work / f"{source.dialect.feed.table}.parquet"
    feed = source.dialect.feed
    cells = cell_rules.cells(feed)
    values = ", ".join(cell.text for cell in cells)
    label = ROW_LABEL if any(cell.name == ROW_LABEL for cell in cells) else "cast(null as bigint)"
    try:
        count = copy_table(
            connection,
            # A row_number() here would hold the reader to one thread; the file's own numbering nearly always is one.
            f"select {lineage(source, number)}, {values} "
            f"from (select *, {label} as record_number from ({cell_rules.plain_select(reader, cells)}))",
            target,
        )
    except _READER_ERRORS as error:
        if cell_rules.UNUSUAL not in str(error):
            raise
        return False
    landed = f"read_parquet({sql_literal(target)}, file_row_number = true)"
    # One at a time: together they take twice as long (DuckDB 2.0, 10 million rows, 2026-11).
    distinct, numbered = (
        connection.execute(f"select {counted} from {landed}").fetchall()[0][0]
        for counted in (f"count(distinct {feed.key})", "count_if(delivery_row_number = file_row_number + 1)")
    )
    if not count == native.record_count == distinct:
        return False
    erased = tombstones.read(source.settings)
    if erased and erased_values(connection, landed, feed, erased):
        return False
    if numbered != count:
        _number_by_place(connection, target)
    parquet.write_table(contract.empty("landed_rejects"), work / "landed_rejects.parquet")
    return True


def _number_by_place(connection: duckdb.DuckDBPyConnection, target: Path) -> None:
    """Give the rows of a landing file the numbers of their places in it."""
    unnumbered = target.rename(target.with_name("unnumbered.parquet"))
    columns = "* exclude (file_row_number) replace (file_row_number + 1 as delivery_row_number)"
    reader = f"read_parquet({sql_literal(unnumbered)}, file_row_number = true)"
    copy_table(connection, f"select {columns} from {reader}", target)
    unnumbered.unlink()


def _refuse_nothing(source: Source, staged: Staged) -> None:
    if staged.record_count == 0:
        raise DataError(
            f"{display_name(source.path)} holds a header and no records. Deliver at least one. Nothing landed."
        )


def _row_count(work: Path, name: str) -> int:
    return int(parquet.read_metadata(work / f"{name}.parquet").num_rows)


def _names(repair: Repair, erased: tombstones.Tombstones) -> bool:
    return any(erased.are_in(example) for example in (repair.example_before, repair.example_after))


def _write_repairs(repairs: tuple[Repair, ...], source: Source, work: Path, number: int) -> None:
    rows = [
        {"delivery_number": number, "delivery_file_name": display_name(source.path), **repair._asdict()}
        for repair in repairs
    ]
    parquet.write_table(contract.from_rows(rows, "landed_repairs"), work / "landed_repairs.parquet")
