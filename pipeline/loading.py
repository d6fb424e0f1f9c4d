"""One delivered file into one folder of landed rows, rejected rows and repairs, by the shortest way that is safe.

A file in plain form goes straight through the database's strict reader. Where a cell is unusual its text is staged
and cleaned; where a record is, the careful reader stages it. The proof is the same for all: the records counted on
the file's bytes are the rows that landed and the rows that were rejected.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
from pyarrow import parquet

from pipeline import cleaning
from pipeline.delivery_file import display_name
from pipeline.dialect import ROW_LABEL, Dialect, delivered_columns, recognise
from pipeline.records import Tally
from pipeline.staging import (
    NULLS_OF_THE_PUBLISHED_FILE,
    Staged,
    extra_name,
    native_reader,
    raw_lines,
    stage_carefully,
    stage_native,
    stage_parquet,
)
from pipeline.survey import survey
from warehouse import contract
from warehouse.duckdb_engine import sql_literal
from warehouse.errors import DataError
from warehouse.settings import Settings

_EXAMPLE_CHARACTERS = 200
# What the database's strict reader raises on a file that is not in the dialect it was told.
_READER_ERRORS = (duckdb.InvalidInputException, duckdb.ConversionException)


class Loaded(NamedTuple):
    """What one file gave."""

    dialect: str
    record_count: int
    landed_count: int
    rejected_count: int
    repairs: tuple[dict[str, Any], ...]
    """Rows of `landed_repairs`."""
    rejects: tuple[dict[str, Any], ...]
    """Counts by `rejected_column` and `reject_reason`, the most frequent first, each with its first example."""
    transcripts: tuple[str, ...]
    """The first transcripts that landed."""


def load(connection: duckdb.DuckDBPyConnection, settings: Settings, path: Path, work: Path, number: int) -> Loaded:
    """Read a delivered file into a work folder.

    Args:
        connection: A private connection.
        settings: The limits.
        path: The delivered file.
        work: An empty folder, which receives `landed_videos`, `landed_rejects`, `landed_repairs` and, where there are
            extra columns, `landed_extras`.
        number: The delivery's number.

    Returns:
        What landed, what was rejected, and what was repaired.

    Raises:
        DataError: The file is refused.
    """
    dialect = recognise(path, settings)
    # The database's readers take a name for a pattern; a link of our own has no name to misread.
    link = work / "delivered"
    link.symlink_to(path.absolute())
    try:
        loader = _Loader(connection, settings, path, link, dialect, work, number)
        loaded = loader.load()
    finally:
        link.unlink()
    if loaded.record_count != loaded.landed_count + loaded.rejected_count:
        raise DataError(
            f"{display_name(path)} holds {loaded.record_count:,} records, but {loaded.landed_count:,} landed and "
            f"{loaded.rejected_count:,} were rejected. Nothing landed; report this file."
        )
    return loaded


class _Loader:
    """The ways to load one file."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: Settings,
        path: Path,
        link: Path,
        dialect: Dialect,
        work: Path,
        number: int,
    ) -> None:
        """See `load`."""
        self.connection, self.settings, self.path, self.link = connection, settings, path, link
        self.dialect, self.work, self.number = dialect, work, number
        self.lineage = (
            f"cast({number} as bigint) as delivery_number, record_number as delivery_row_number, "
            f"{sql_literal(display_name(path))} as delivery_file_name"
        )

    def load(self) -> Loaded:
        """Try the ways, the fastest first."""
        if not self.dialect.is_native:
            return self._clean(self._staged())
        found = survey(self.path, self.settings)
        if not found.is_one_line_a_record:
            return self._clean(self._staged())
        record_count = found.line_count - self.dialect.header_lines
        self._refuse_nothing(record_count)
        try:
            if not self.dialect.extra_positions and self._copy_plain() == record_count and self._are_ids_distinct():
                return self._loaded(Staged(record_count, self.dialect.encoding, Tally()), (), self._file_repairs("utf-8"))
        except _READER_ERRORS as error:
            if cleaning.UNUSUAL not in str(error):
                return self._clean(self._staged())
        try:
            if stage_native(self.connection, self.link, self.dialect, self.settings, self._stage) == record_count:
                return self._clean(Staged(record_count, self.dialect.encoding, Tally()))
        except _READER_ERRORS:
            pass
        return self._clean(self._staged())

    @property
    def _stage(self) -> Path:
        return self.work / "staged.parquet"

    @property
    def _typed(self) -> Path:
        return self.work / "typed.parquet"

    @property
    def _videos(self) -> Path:
        return self.work / "landed_videos.parquet"

    def _copy_plain(self) -> int:
        reader = native_reader(self.link, self.dialect, self.settings, NULLS_OF_THE_PUBLISHED_FILE)
        return self._copy(f"select {self.lineage}, {cleaning.plain_select()} from ({reader})", "landed_videos")  # noqa: S608 - literals and the contract's names

    def _are_ids_distinct(self) -> bool:
        counts = self.connection.execute(
            "select count(distinct video_id) = count(*) from read_parquet($1)", [str(self._videos)]
        )
        return bool(counts.fetchall()[0][0])

    def _staged(self) -> Staged:
        if self.dialect.is_parquet:
            return stage_parquet(self.connection, self.path, self.link, self.dialect, self._stage)
        return stage_carefully(self.path, self.dialect, self.settings, self._stage)

    def _clean(self, staged: Staged) -> Loaded:
        """Type and judge the staged records."""
        self._refuse_nothing(staged.record_count)
        cleaning.write_typed(self.connection, f"read_parquet({sql_literal(self._stage)})", self._typed)
        self.connection.execute(
            f"create temp view staged as from read_parquet({sql_literal(self._stage)}); "
            f"create temp view typed as from read_parquet({sql_literal(self._typed)})"
        )
        self._judge()
        rejects = self._reject_counts()
        self._refuse_too_many(staged.record_count, rejects)
        values = ", ".join(cell.text for cell in cleaning.cells())
        order = "order by record_number" if rejects else ""
        self._copy(f"select {self.lineage}, {values} from landing {order}", "landed_videos")  # noqa: S608 - the contract's names
        repairs = self._file_repairs(staged.encoding) + self._line_repairs(staged.tally) + self._cell_repairs()
        repairs += self._set_extras_aside()
        loaded = self._loaded(staged, rejects, repairs)
        self._stage.unlink()
        self._typed.unlink()
        return loaded

    def _judge(self) -> None:
        """Create `rejects`: the records with a fault, and all but the first of each video_id."""
        self.connection.execute(
            f"""
            create temp table duplicates as
            select video_id, min(record_number) as first_record_number
            from typed where reject_reason is null group by all having count(*) > 1;
            create temp table faults as
            select record_number, line_number, rejected_column, reject_reason
            from typed where reject_reason is not null
            union all
            select record_number, line_number, 'video_id', 'duplicate_video_id'
            from typed inner join duplicates using (video_id)
            where reject_reason is null and record_number > first_record_number;
            create temp table rejects as
            select faults.*, {self._raw_text()} as raw_text from faults inner join staged using (record_number);
            """  # noqa: S608 - the contract's names
        )
        (count,) = self.connection.execute("select count(*) from rejects").fetchall()[0]
        remaining = "typed anti join rejects using (record_number)" if count else "typed"
        self.connection.execute(f"create temp view landing as select * from {remaining}")  # noqa: S608 - one of two words
        lacking = self.connection.execute(
            "select line_number from rejects where raw_text is null order by line_number"
        ).fetchall()
        numbers = [number for (number,) in lacking]
        if numbers:
            texts = list(raw_lines(self.path, self.settings, numbers))
            self.connection.register("raw_texts", pa.table({"line_number": numbers, "raw_text": texts}))
            self.connection.execute(
                "update rejects set raw_text = raw_texts.raw_text from raw_texts "
                "where rejects.line_number = raw_texts.line_number"
            )
            self.connection.unregister("raw_texts")

    def _raw_text(self) -> str:
        """Parquet has no text: its values stand in."""
        if not self.dialect.is_parquet:
            return "raw_text"
        pairs = ", ".join(f'"{cell.name}": {cell.text}' for cell in cleaning.cells())
        return f"cast({{{pairs}}} as varchar)"

    def _reject_counts(self) -> tuple[dict[str, Any], ...]:
        counts = self.connection.sql(
            "select rejected_column, reject_reason, count(*) as reject_count, min(line_number) as line_number, "
            "arg_min(raw_text, record_number) as raw_text from rejects group by all "
            "order by reject_count desc, reject_reason, rejected_column nulls first"
        )
        return tuple(counts.to_arrow_table().to_pylist())

    def _refuse_nothing(self, record_count: int) -> None:
        if record_count == 0:
            raise DataError(
                f"{display_name(self.path)} holds a header and no records. Deliver at least one. Nothing landed."
            )

    def _refuse_too_many(self, record_count: int, rejects: Sequence[dict[str, Any]]) -> None:
        rejected = sum(reject["reject_count"] for reject in rejects)
        limit = self.settings.reject_limit_share
        if rejected <= limit * record_count and rejected < record_count:
            return
        reasons = "; ".join(
            f"{reject['reject_count']:,} {reject['reject_reason']}"
            + (f" in {reject['rejected_column']}" if reject["rejected_column"] else "")
            + (f" (first on line {reject['line_number']:,})" if reject["line_number"] else "")
            for reject in rejects[:3]
        )
        raise DataError(
            f"{display_name(self.path)}: {rejected:,} of {record_count:,} records ({rejected / record_count:.2%}) would "
            f"be rejected, more than the limit of {limit:.2%}: {reasons}. Nothing landed. Correct the file, or raise "
            "CLAIMS_REJECT_LIMIT_SHARE to land the rest."
        )

    def _copy(self, select: str, name: str) -> int:
        target = self.work / f"{name}.parquet"
        target.unlink(missing_ok=True)
        statement = f"copy ({select}) to {sql_literal(target)} (format parquet, compression zstd)"
        return int(self.connection.execute(statement).fetchall()[0][0])

    def _loaded(
        self, staged: Staged, rejects: tuple[dict[str, Any], ...], repairs: list[dict[str, Any]]
    ) -> Loaded:
        if rejects:
            self._copy(
                f"select {self.lineage}, line_number as delivery_line_number, rejected_column, reject_reason, raw_text "  # noqa: S608 - literals
                "from rejects order by record_number",
                "landed_rejects",
            )
        else:
            parquet.write_table(contract.empty("landed_rejects"), self.work / "landed_rejects.parquet")
        rows = contract.from_rows(repairs, "landed_repairs")
        parquet.write_table(rows, self.work / "landed_repairs.parquet")
        files = [str(self.work / f"landed_{name}.parquet") for name in ("videos", "rejects")]
        counts = [
            self.connection.execute("select count(*) from read_parquet($1)", [file]).fetchall()[0][0] for file in files
        ]
        transcripts = self.connection.execute(
            "select video_transcription_text from (select * from read_parquet($1) limit 1000) "
            "where video_transcription_text is not null",
            [files[0]],
        ).fetchall()
        dialect = self.dialect._replace(encoding=staged.encoding.removesuffix("-sig")).described()
        return Loaded(dialect, staged.record_count, *counts, tuple(repairs), rejects, tuple(text for (text,) in transcripts))

    def _repair(self, kind: str, column: str, count: int, before: str | None, after: str | None) -> dict[str, Any]:
        return {
            "delivery_number": self.number,
            "delivery_file_name": display_name(self.path),
            "repair_kind": kind,
            "column_name": column,
            "repaired_count": count,
            "example_before": before and before[:_EXAMPLE_CHARACTERS],
            "example_after": after and after[:_EXAMPLE_CHARACTERS],
        }

    def _file_repairs(self, encoding: str) -> list[dict[str, Any]]:
        dialect, found = self.dialect, []
        usual = delivered_columns()
        if dialect.is_compressed:
            found.append(self._repair("compression", "*", 1, "gzip", "text"))
        if dialect.has_byte_order_mark:
            found.append(self._repair("byte_order_mark", "*", 1, "U+FEFF", None))
        if encoding not in ("utf-8", "utf-8-sig") and not dialect.is_parquet:
            found.append(self._repair("encoding", "*", 1, encoding.upper(), "UTF-8"))
        if dialect.line_end == "\r":
            found.append(self._repair("line_ends", "*", 1, "CR", "LF"))
        if dialect.delimiter != ",":
            found.append(self._repair("delimiter", "*", 1, dialect.delimiter, ","))
        if dialect.is_header_wrapped:
            found.append(self._repair("wrapped_line", "header", 1, '"' + dialect.delimiter.join(dialect.header) + '"', None))
        order = [name for name in usual if name in dialect.positions]
        if sorted(order, key=dialect.positions.__getitem__) != order:
            found.append(self._repair("column_order", "*", 1, ", ".join(dialect.header), ", ".join(usual.values())))
        for name, position in dialect.positions.items():
            if dialect.header[position] != usual[name]:
                found.append(self._repair("header_name", name, 1, dialect.header[position], usual[name]))
        if ROW_LABEL not in dialect.positions:
            found.append(self._repair("no_row_label", ROW_LABEL, 1, None, None))
        return found

    def _line_repairs(self, tally: Tally) -> list[dict[str, Any]]:
        return [self._repair(kind, "*", count, *tally.examples[kind]) for kind, count in sorted(tally.repairs.items())]

    def _cell_repairs(self) -> list[dict[str, Any]]:
        """Count the repaired cells of the rows that landed."""
        queries = " union all ".join(
            f"select '{column}' as column_name, \"{repair}\" as kind, count(*) as repaired_count, "  # noqa: S608 - the contract's names
            f"min(record_number) as record_number from landing where \"{repair}\" is not null group by all"
            for column, repair in cleaning.repair_columns()
        )
        counted = self.connection.execute(f"{queries} order by column_name, kind").fetchall()
        return [
            self._repair(kind, column, count, *self._example(column, record_number))
            for column, kind, count, record_number in counted
        ]

    def _example(self, column: str, record_number: int) -> tuple[str | None, str | None]:
        cells = self.connection.execute(
            f'select staged."{column}", cast(typed."{column}" as varchar) from staged '  # noqa: S608 - a name of the contract
            "inner join typed using (record_number) where record_number = $1",
            [record_number],
        ).fetchall()
        return cells[0]

    def _set_extras_aside(self) -> list[dict[str, Any]]:
        """Keep columns that nobody expects, one row per cell, in the landing folder."""
        positions = self.dialect.extra_positions
        if not positions:
            return []
        cells = " union all ".join(
            f"""
            select {self.lineage}, cast({position} as bigint) as column_number,
                {sql_literal(self.dialect.header[position])} as column_name, {extra_name(position)} as column_value
            from staged anti join rejects using (record_number)
            where {extra_name(position)} <> ''
            """  # noqa: S608 - literals
            for position in positions
        )
        self._copy(cells, "landed_extras")
        counts = dict(
            self.connection.execute(
                "select column_number, count(*) from read_parquet($1) group by all",
                [str(self.work / "landed_extras.parquet")],
            ).fetchall()
        )
        return [
            self._repair("extra_column", f"column {position + 1}", counts.get(position, 0), self.dialect.header[position], None)
            for position in positions
        ]
