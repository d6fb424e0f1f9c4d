"""What a delivery says, apart from how it is written: by it two files are one delivery, and dates have their order."""
# ruff: noqa: S608 - composed SQL holds literals that are quoted and the contract's names

from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from pipeline.landing.reading.delivery_file import display_name
from pipeline.landing.reading.dialect import ROW_LABEL
from warehouse import contract
from warehouse.duckdb_engine import sql_literal
from warehouse.errors import UsageError


class Values(NamedTuple):
    """What is kept of the landed values of a delivery."""

    hash: str
    """The same for the same rows, whatever their order."""
    newest_snapshot: str | None
    """The newest `snapshot_at`, in ISO 8601 (UTC); None where no row has one."""


def measure(connection: duckdb.DuckDBPyConnection, landed: Path, feed: contract.Feed) -> Values:
    """Hash the rows of a landed table, without the file's own running number and whatever their order.

    Args:
        connection: A private connection.
        landed: The landed table.
        feed: Its feed.

    Returns:
        The hash and the newest snapshot.
    """
    newest = "max(snapshot_at)" if any(column.name == "snapshot_at" for column in feed.columns) else "null"
    row = connection.execute(
        f"select count(*), sum(row_hash), bit_xor(row_hash), cast({newest} as varchar) from "
        f"(select hash({_values(feed)}) as row_hash, * from read_parquet({sql_literal(landed)}))"
    ).fetchall()[0]
    return Values("{:x}-{:x}-{:x}".format(*(int(part or 0) for part in row[:3])), row[3])


def are_equal(connection: duckdb.DuckDBPyConnection, one: Path, other: Path, feed: contract.Feed) -> bool:
    """Whether two landed tables of as many rows hold the same ones, whatever their order: what a hash cannot prove."""
    tables = [f"select {_values(feed)} from read_parquet({sql_literal(landed)})" for landed in (one, other)]
    return not connection.execute(f"select 1 from ({' except all '.join(tables)}) limit 1").fetchall()


def as_of(path: Path, said: date | None, pattern: str | None) -> str | None:
    """The date of which a delivery is.

    Args:
        path: The delivered file.
        said: What the person says.
        pattern: `CLAIMS_DATE_PATTERN`; without one a date in a file's name counts for nothing.

    Returns:
        The day in ISO 8601, or None where nobody says.

    Raises:
        UsageError: The pattern is none.
    """
    if said is not None:
        return said.isoformat()
    if pattern is None:
        return None
    try:
        return datetime.strptime(display_name(path), pattern).date().isoformat()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        if "does not match" in str(error) or "unconverted" in str(error):
            return None
        raise UsageError(
            f"CLAIMS_DATE_PATTERN is {pattern!r}: {error}. Write a file's name with %Y, %m and %d, such as "
            "videos-%Y-%m-%d.csv."
        ) from error


def _values(feed: contract.Feed) -> str:
    return ", ".join(column.name for column in feed.columns if column.name != ROW_LABEL)
