"""The schema of every public table, read from dbt's own YAML: names, types, descriptions and relations."""

import csv
import math
import os
import re
from functools import cache
from typing import Any, NamedTuple

import pyarrow as pa
import yaml

from warehouse.errors import DataError, UsageError
from warehouse.settings import DBT_PROJECT

PUBLIC_SCHEMAS = ("marts", "ml", "quality")

_DOC_BLOCK = re.compile(r"{%\s*docs\s+(\w+)\s*%}(.*?){%\s*enddocs\s*%}", re.DOTALL)
_DOC_REFERENCE = re.compile(r"{{\s*doc\('(\w+)'\)\s*}}")

# The same safe loader in C where PyYAML was built with it: a tenth of the time, which every command waits for.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_ARROW_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us"),
}


class Column(NamedTuple):
    """One contracted column."""

    name: str
    data_type: str
    description: str
    meta: dict[str, Any]


class FeedColumn(NamedTuple):
    """One column of a feed: what a delivery may bring in it."""

    name: str
    data_type: str
    delivered_as: tuple[str, ...]
    """Its names in a file's header, the usual one first."""
    is_required: bool
    """Whether a record without a value is rejected."""
    is_optional: bool
    """Whether a file may lack the column."""
    is_prose: bool
    """Whether it holds what people wrote, rather than an identifier or a code."""
    minimum: int | str | None
    maximum: int | str | None
    """Bounds of a number or a timestamp, both included."""
    categories: tuple[str, ...]
    category_synonyms: dict[str, str | None]
    """Known other names of categories, in lower case; None for a name that means no value."""


class Feed(NamedTuple):
    """One kind of delivery: what a record is and which columns it brings."""

    name: str
    table: str
    """Its landed rows."""
    key: str
    """The column that identifies what a record is about."""
    columns: tuple[FeedColumn, ...]

    @property
    def record_key(self) -> tuple[str, ...]:
        """The columns that tell the records of one file apart: several snapshots of a video are its history."""
        return tuple(column.name for column in self.columns if column.name in (self.key, "snapshot_at"))

    def column(self, name: str) -> FeedColumn:
        """Look one of its columns up."""
        return next(column for column in self.columns if column.name == name)


class Table(NamedTuple):
    """One table of the warehouse as dbt's YAML declares it."""

    name: str
    schema: str
    description: str
    columns: tuple[Column, ...]
    is_source: bool
    meta: dict[str, Any]
    key: tuple[str, ...] = ()
    """The columns that identify a row, as its data tests say."""


@cache
def tables() -> dict[str, Table]:
    """All declared tables and views by name: dbt models, and the sources that scripts write.

    Returns:
        Name to table, in the order of the sorted YAML files.
    """
    found: dict[str, Table] = {}
    texts = doc_blocks()
    for path in sorted((DBT_PROJECT / "models").rglob("*.yml")):
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or {}  # noqa: S506 - a safe one
        folder = path.relative_to(DBT_PROJECT / "models").parts[0]
        for model in document.get("models", []):
            found[model["name"]] = _table(model, folder, texts, is_source=False)
        for source in document.get("sources", []):
            for entry in source["tables"]:
                found[entry["name"]] = _table(entry, source["name"], texts, is_source=True)
    return found


def doc_blocks() -> dict[str, str]:
    """The texts of dbt's `docs` blocks by name."""
    return {
        name: text
        for path in sorted((DBT_PROJECT / "models").rglob("*.md"))
        for name, text in _DOC_BLOCK.findall(path.read_text(encoding="utf-8"))
    }


def _text(entry: dict[str, Any], texts: dict[str, str]) -> str:
    """The description of a table or column in one line, its `doc` reference filled in."""
    filled = _DOC_REFERENCE.sub(lambda match: texts[match[1]], entry.get("description", ""))
    return " ".join(filled.split())


def _table(entry: dict[str, Any], schema: str, texts: dict[str, str], *, is_source: bool) -> Table:
    columns = tuple(
        Column(
            column["name"],
            column.get("data_type", ""),
            _text(column, texts),
            column.get("config", {}).get("meta", {}),
        )
        for column in entry.get("columns", [])
    )
    meta = entry.get("config", {}).get("meta", {})
    return Table(
        name=entry["name"],
        schema=schema,
        description=_text(entry, texts),
        columns=columns,
        is_source=is_source,
        meta=meta,
        key=_key(entry),
    )


def _key(entry: dict[str, Any]) -> tuple[str, ...]:
    """The columns of the first test that says what is unique: of the table, then of an identifier, then of a column."""
    for test in entry.get("data_tests", []):
        if isinstance(test, dict) and "unique_combination" in test:
            return tuple(test["unique_combination"]["arguments"]["column_names"])
    unique = [column["name"] for column in entry.get("columns", []) if _is_unique(column)]
    return tuple(sorted(unique, key=lambda name: not name.endswith("_id"))[:1])


def _is_unique(column: dict[str, Any]) -> bool:
    return any(
        test == "unique" or (isinstance(test, dict) and "unique" in test) for test in column.get("data_tests", [])
    )


@cache
def feeds() -> dict[str, Feed]:
    """The feeds that landing knows, by name, in the order in which the sources declare them."""
    found = [table for table in tables().values() if "feed" in table.meta]
    return {
        table.meta["feed"]: Feed(
            table.meta["feed"],
            table.name,
            table.meta["key"],
            tuple(_feed_column(column) for column in table.columns if "delivered_as" in column.meta),
        )
        for table in found
    }


def _feed_column(column: Column) -> FeedColumn:
    meta = column.meta
    return FeedColumn(
        name=column.name,
        data_type=column.data_type,
        delivered_as=tuple(meta["delivered_as"]),
        is_required=bool(meta.get("is_required")),
        is_optional=bool(meta.get("is_optional")),
        is_prose=bool(meta.get("is_prose")),
        minimum=meta.get("minimum"),
        maximum=meta.get("maximum"),
        categories=tuple(meta.get("categories", ())),
        category_synonyms=dict(meta.get("category_synonyms", {})),
    )


def public_tables() -> dict[str, Table]:
    """The tables that a release holds: everything in the public schemas."""
    return {name: table for name, table in tables().items() if table.schema in PUBLIC_SCHEMAS}


def public_schemas() -> list[str]:
    """The schemas that a release holds, with the environment's schema prefix."""
    return sorted({relation(name).split(".")[0] for name in public_tables()})


def working_schemas() -> list[str]:
    """Every schema that a build writes, with the environment's schema prefix."""
    return sorted({relation(name).split(".")[0] for name in tables()})


def table(name: str) -> Table:
    """Look one table up.

    Args:
        name: Its name without a schema.

    Returns:
        The declared table.

    Raises:
        UsageError: No model or source has that name.
    """
    try:
        return tables()[name]
    except KeyError:
        known = ", ".join(sorted(public_tables()))
        raise UsageError(f"There is no table {name!r}; the public tables are: {known}.") from None


def columns(name: str) -> tuple[Column, ...]:
    """The contracted columns of a table, in order."""
    return table(name).columns


def metrics() -> dict[str, str]:
    """The metrics that the descriptive marts describe, name to column of fct_videos: `views` to `video_view_count`."""
    return {column.meta["metric"]: column.name for column in columns("fct_videos") if "metric" in column.meta}


def counts() -> dict[str, str]:
    """Those metrics that count what viewers did."""
    return {metric: column for metric, column in metrics().items() if column.endswith("_count")}


def rates() -> dict[str, tuple[str, str]]:
    """The rates of fct_videos, name to the columns of numerator and denominator."""
    found: dict[str, tuple[str, str]] = {}
    for column in columns("video_features"):
        if column.name.endswith("_rate"):
            numerator, denominator = column.meta["derived_from"]
            found[column.name] = (numerator, denominator)
    return found


def categories(column_name: str, table_name: str = "landed_videos") -> tuple[str, ...]:
    """The values that a column may hold, as the declaration of its feed or its own table lists them.

    Args:
        column_name: A column of that table.
        table_name: A declared table.

    Returns:
        The categories in the order of the declaration.

    Raises:
        UsageError: No such table, or it declares no categories for the column.
    """
    for column in columns(table_name):
        if column.name == column_name and "categories" in column.meta:
            return tuple(column.meta["categories"])
    raise UsageError(f"The table {table_name!r} declares no categories for a column {column_name!r}.")


def relation(name: str) -> str:
    """The two-part SQL name of a declared table, with the environment's schema prefix.

    Args:
        name: Its name without a schema.

    Returns:
        For example `marts.fct_videos`; safe to put into SQL, since it comes from the contract.

    Raises:
        UsageError: No such table, or `CLAIMS_SCHEMA_PREFIX` is not the beginning of an SQL name.
    """
    prefix = os.environ.get("CLAIMS_SCHEMA_PREFIX", "")
    if prefix and not re.fullmatch(r"[a-z_][a-z0-9_]*", prefix):
        raise UsageError(f"CLAIMS_SCHEMA_PREFIX is {prefix!r}; use lower-case letters, digits and underscores.")
    return f"{prefix}{table(name).schema}.{name}"


def arrow_schema(name: str) -> pa.Schema:
    """The contract of a table as an Arrow schema."""
    return pa.schema([(column.name, _ARROW_TYPES[column.data_type]) for column in columns(name)])


def conform(rows: pa.Table, name: str) -> pa.Table:
    """Bring rows into the order and types of a contract.

    Args:
        rows: Rows that hold every contracted column and no other.
        name: The contracted table.

    Returns:
        The same rows, in contract order and types.

    Raises:
        DataError: A column is missing, unknown or not convertible.
    """
    schema = arrow_schema(name)
    missing = [column for column in schema.names if column not in rows.column_names]
    unknown = [column for column in rows.column_names if column not in schema.names]
    if missing or unknown:
        raise DataError(f"Rows for {name} break its contract: missing {missing}, unknown {unknown}.")
    try:
        return rows.select(schema.names).cast(schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DataError(f"Rows for {name} break its contract: {error}") from error


def empty(name: str) -> pa.Table:
    """A table of the contract without rows."""
    return pa.Table.from_batches([], schema=arrow_schema(name))


def from_rows(rows: list[dict[str, Any]], name: str) -> pa.Table:
    """Build contracted rows from dictionaries; a key that a row lacks becomes NULL, and so does what is no number."""
    if not rows:
        return empty(name)
    unknown = {key for row in rows for key in row} - set(arrow_schema(name).names)
    if unknown:
        raise DataError(f"Rows for {name} break its contract: unknown {sorted(unknown)}.")
    finite = [
        {key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in row.items()}
        for row in rows
    ]
    return pa.Table.from_pylist(finite, schema=arrow_schema(name))


@cache
def seed_rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a dbt seed, as its file holds them."""
    with (DBT_PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
