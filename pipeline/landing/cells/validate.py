"""From typed records to landed rows, rejected rows and repairs, in tables of the work folder."""
# ruff: noqa: S608 - composed SQL holds literals that are quoted and the contract's names

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from pipeline.landing.cells import cell_rules
from pipeline.landing.cells.repairs import Repair
from pipeline.landing.reading.delivery_file import display_name
from pipeline.landing.reading.dialect import ROW_LABEL
from pipeline.landing.reading.raw_records import Source, extra_name, raw_lines
from pipeline.state import tombstones
from warehouse import contract
from warehouse.duckdb_engine import sql_literal
from warehouse.errors import DataError

_LINES_ABOUT_RECORDS = {"repeated_header": "a header repeated", "totals_row": "a totals row"}

# Compressed lightly, and no dictionary tried for columns of many values: a seventh of the copy's processor time less,
# for an eighth more bytes (DuckDB 2.0, 10 million rows, 2026-11).
_PARQUET = "format parquet, compression zstd, compression_level 1, dictionary_size_limit 100"


class Reject(NamedTuple):
    """How often one column gave one reason to reject, with the first example."""

    rejected_column: str | None
    reject_reason: str
    reject_count: int
    line_number: int | None
    raw_text: str | None


class Judged(NamedTuple):
    """What became of the staged records."""

    rejects: tuple[Reject, ...]
    """The most frequent first."""
    repairs: list[Repair]


def lineage(source: Source, number: int) -> str:
    """The select list that says where a row came from, over `record_number`."""
    return (
        f"cast({number} as bigint) as delivery_number, record_number as delivery_row_number, "
        f"{sql_literal(display_name(source.path))} as delivery_file_name"
    )


def copy_table(connection: duckdb.DuckDBPyConnection, select: str, target: Path) -> int:
    """Write the rows of a SELECT to a landing file and count them."""
    target.unlink(missing_ok=True)
    statement = f"copy ({select}) to {sql_literal(target)} ({_PARQUET})"
    return int(connection.execute(statement).fetchall()[0][0])


def judge(connection: duckdb.DuckDBPyConnection, source: Source, stage: Path, record_count: int, number: int) -> Judged:
    """Type staged records and write what lands, what is rejected and what stands in extra columns.

    Args:
        connection: A private connection.
        source: Where the records come from.
        stage: The staged records; the tables are written beside.
        record_count: How many there are in the file.
        number: The delivery's number.

    Returns:
        The rejects, and the repaired cells of the rows that landed.

    Raises:
        DataError: More is rejected than the settings allow.
    """
    work, origin = stage.parent, lineage(source, number)
    typed = work / "typed.parquet"
    feed = source.dialect.feed
    cells = cell_rules.cells(feed)
    cell_rules.write_typed(
        connection,
        f"read_parquet({sql_literal(stage)})",
        typed,
        cells,
        header=source.dialect.names,
        verbatim=source.dialect.verbatim,
        timezone=source.settings.timezone,
    )
    connection.execute(
        f"create temp view staged as from read_parquet({sql_literal(stage)}); "
        f"create temp view typed as from read_parquet({sql_literal(typed)})"
    )
    erased = tombstones.read(source.settings)
    if erased:
        _reject_erased(connection, feed, erased, typed)
    _find_faults(connection, feed)
    _refuse_too_many(source, record_count, _count(connection, "faults", "null"))
    _keep_raw_texts(connection, source)
    if erased:
        _forget_raw_texts(connection, erased)
    rejects = _count(connection, "rejects", "arg_min(raw_text, record_number)")
    copy_table(
        connection,
        f"select {origin}, line_number as delivery_line_number, rejected_column, reject_reason, raw_text "
        "from rejects order by record_number",
        work / "landed_rejects.parquet",
    )
    landing = "typed anti join rejects using (record_number) order by record_number" if rejects else "typed"
    connection.execute(f"create temp view landing as select * from {landing}")
    values = ", ".join(cell.text for cell in cells)
    copy_table(connection, f"select {origin}, {values} from landing", work / f"{feed.table}.parquet")
    repairs = [*_cell_repairs(connection, cells), *_set_extras_aside(connection, source, origin, work)]
    typed.unlink()
    return Judged(rejects, repairs)


def erased_values(
    connection: duckdb.DuckDBPyConnection, relation: str, feed: contract.Feed, erased: tombstones.Tombstones
) -> dict[str, list[object]]:
    """The values in a relation that were erased, by column; the keyed hash of each has to be computed here.

    Args:
        connection: A private connection.
        relation: What to read.
        feed: Its feed.
        erased: What was erased.
    """
    found = {}
    for column in (name for name in tombstones.COLUMNS if any(column.name == name for column in feed.columns)):
        rows = connection.execute(f"select distinct {column} from {relation} where {column} is not null").fetchall()
        if values := [value for (value,) in rows if erased.hold(column, value)]:
            found[column] = values
    return found


def _reject_erased(
    connection: duckdb.DuckDBPyConnection, feed: contract.Feed, erased: tombstones.Tombstones, typed: Path
) -> None:
    """Give records of what was erased that reason, whatever else is wrong with them."""
    if not (found := erased_values(connection, "typed", feed, erased)):
        return
    lists = {column: ", ".join(sql_literal(str(value)) for value in values) for column, values in found.items()}
    is_erased = " or ".join(
        f"coalesce(cast({column} as varchar) in ({values}), false)" for column, values in lists.items()
    )
    connection.execute(
        f"create or replace temp view typed as select * replace ("
        f"if({is_erased}, null, rejected_column) as rejected_column, "
        f"if({is_erased}, 'erased', reject_reason) as reject_reason) from read_parquet({sql_literal(typed)})"
    )


def _forget_raw_texts(connection: duckdb.DuckDBPyConnection, erased: tombstones.Tombstones) -> None:
    """Keep no text of a rejected record that names what was erased."""
    rows = connection.execute("select record_number, reject_reason = 'erased', raw_text from rejects").fetchall()
    if gone := [str(number) for number, is_erased, text in rows if is_erased or erased.are_in(text)]:
        connection.execute(
            "update rejects set raw_text = null, rejected_column = null, reject_reason = 'erased' "
            f"where record_number in ({', '.join(gone)})"
        )


def _find_faults(connection: duckdb.DuckDBPyConnection, feed: contract.Feed) -> None:
    """Create `faults`: the records with one, and all but the first of each key."""
    same = " and ".join(f"typed.{name} is not distinct from duplicates.{name}" for name in feed.record_key)
    connection.execute(
        f"""
        create temp table duplicates as
        select {", ".join(feed.record_key)}, min(record_number) as first_record_number
        from typed where reject_reason is null group by all having count(*) > 1;
        create temp table faults as
        select record_number, line_number, rejected_column, reject_reason
        from typed where reject_reason is not null
        union all
        select record_number, line_number, '{feed.key}', 'duplicate_key'
        from typed inner join duplicates on {same}
        where reject_reason is null and record_number > first_record_number;
        """
    )


def _keep_raw_texts(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Create `rejects`: the faults with their records as delivered."""
    raw_text = "raw_text"
    if source.dialect.is_parquet:
        # Parquet has no text: its values stand in.
        pairs = ", ".join(f'"{cell.name}": {cell.text}' for cell in cell_rules.cells(source.dialect.feed))
        raw_text = f"cast({{{pairs}}} as varchar)"
    connection.execute(
        f"create temp table rejects as "
        f"select faults.*, {raw_text} as raw_text from faults inner join staged using (record_number)"
    )
    lacking = connection.execute("select line_number from rejects where raw_text is null order by line_number")
    if numbers := [number for (number,) in lacking.fetchall()]:
        texts = list(raw_lines(source, numbers))
        connection.register("raw_texts", pa.table({"line_number": numbers, "raw_text": texts}))
        connection.execute(
            "update rejects set raw_text = raw_texts.raw_text from raw_texts "
            "where rejects.line_number = raw_texts.line_number"
        )
        connection.unregister("raw_texts")


def _count(connection: duckdb.DuckDBPyConnection, table: str, example: str) -> tuple[Reject, ...]:
    counts = connection.execute(
        f"select rejected_column, reject_reason, count(*), min(line_number), {example} from {table} group by all "
        "order by count(*) desc, reject_reason, rejected_column nulls first"
    )
    return tuple(Reject._make(row) for row in counts.fetchall())


def _refuse_too_many(source: Source, record_count: int, rejects: Sequence[Reject]) -> None:
    # What was erased is no fault of the file.
    rejects = [reject for reject in rejects if reject.reject_reason != "erased"]
    rejected = sum(reject.reject_count for reject in rejects)
    limit = source.settings.reject_limit_share
    if rejected <= limit * record_count and rejected < record_count:
        return
    reasons = "; ".join(_in_words(reject, source.dialect.names) for reject in rejects[:3])
    raise DataError(
        f"{display_name(source.path)}: {rejected:,} of {record_count:,} records ({rejected / record_count:.2%}) would "
        f"be rejected, more than the limit of {limit:.2%}: {reasons}. Nothing landed. "
        f"{_advice(source, rejects[0].reject_reason)}, or raise CLAIMS_REJECT_LIMIT_SHARE to land the rest."
    )


def _in_words(reject: Reject, names: Mapping[str, str]) -> str:
    """How often and where, by the file's own name of the column."""
    line = f" on line {reject.line_number:,}" if reject.line_number else ""
    first = line and f" (first{line})"
    if reject.reject_reason in _LINES_ABOUT_RECORDS:
        what = _LINES_ABOUT_RECORDS[reject.reject_reason]
        return f"{what}{line}" if reject.reject_count == 1 else f"{reject.reject_count:,} times {what}{first}"
    column = reject.rejected_column and names.get(reject.rejected_column, reject.rejected_column)
    return f"{reject.reject_count:,} {reject.reject_reason}{f' in {column}' if column else ''}{first}"


def _advice(source: Source, reason: str) -> str:
    """What to do about a file that is mostly at fault for one reason."""
    if reason == "imprecise_number":
        if source.dialect.is_parquet:
            return "The column's stored type is too short for its numbers: store it as whole numbers or as text"
        return "The file was saved by a spreadsheet: export the column as text"
    if reason == "no_time_zone":
        return "Say in which zone its times are, such as `--timezone Europe/Berlin`"
    if reason == "invalid_bytes":
        return "Name the file's encoding with `claims ingest --encoding`, or correct the file"
    return "Correct the file"


def _cell_repairs(connection: duckdb.DuckDBPyConnection, cells: Sequence[cell_rules.Cell]) -> list[Repair]:
    queries = " union all ".join(
        f"select '{column}' as column_name, \"{repair}\" as kind, count(*) as repaired_count, "
        f'min(record_number) as record_number from landing where "{repair}" is not null group by all'
        for column, repair in cell_rules.repair_columns(cells)
    )
    counted = connection.execute(f"{queries} order by column_name, kind").fetchall()
    return [
        Repair(kind, column, count, *_example(connection, column, record_number))
        for column, kind, count, record_number in counted
    ]


def _example(connection: duckdb.DuckDBPyConnection, column: str, record_number: int) -> tuple[str | None, str | None]:
    cells = connection.execute(
        f'select staged."{column}", cast(typed."{column}" as varchar) from staged '
        "inner join typed using (record_number) where record_number = $1",
        [record_number],
    ).fetchall()
    before, after = cells[0]
    return before, after


def _set_extras_aside(connection: duckdb.DuckDBPyConnection, source: Source, origin: str, work: Path) -> list[Repair]:
    """Keep columns that nobody expects, and labels that are none, in the landing folder, one row per cell."""
    dialect, label = source.dialect, ROW_LABEL
    kept = {extra_name(position): position for position in dialect.extra_positions}
    selected = {name: name for name in kept}
    is_readable = f"\"{label}__repair\" is distinct from 'unreadable_label'"
    has_label = label in dialect.positions
    if has_label and connection.execute(f"select bool_and({is_readable}) from landing").fetchall() == [(False,)]:
        kept[label] = dialect.positions[label]
        selected[label] = f"if({is_readable}, null, {label})"
    if not kept:
        return []
    names = ", ".join(
        f"('{name}', cast({place} as bigint), {sql_literal(dialect.header[place])})" for name, place in kept.items()
    )
    columns = ", ".join(f"{select} as {name}" for name, select in selected.items())
    repair = (
        f'select record_number, "{label}__repair" from landing' if has_label else "select record_number from landing"
    )
    target = work / "landed_extras.parquet"
    copy_table(
        connection,
        f"""
        with cells as (
            unpivot (select record_number, {columns} from staged inner join ({repair}) using (record_number))
            on {", ".join(kept)} into name staged_name value column_value
        )
        select {origin}, column_number, column_name, column_value
        from cells inner join (values {names}) as names (staged_name, column_number, column_name) using (staged_name)
        where column_value <> '' order by record_number, column_number
        """,
        target,
    )
    counted = connection.execute(
        "select column_number, count(*) from read_parquet($1) group by all", [str(target)]
    ).fetchall()
    counts = dict(counted)
    return [
        Repair("extra_column", f"column {position + 1}", counts.get(position, 0), dialect.header[position], None)
        for position in dialect.extra_positions
    ]
