"""What differs between two states of the public tables: two releases, or a release and the working warehouse.

Everything is counted in SQL, within the memory limit: first keys and fingerprints of rows are joined, which are
narrow, then only the rows that differ.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import duckdb

from pipeline.release.manifest import OUTSIDE_CHECKSUMS, quoted
from pipeline.release.switch import current_release, list_releases
from warehouse import contract
from warehouse.duckdb_engine import connect_file, connect_for, sql_literal
from warehouse.errors import UsageError
from warehouse.settings import Settings

# Names come from the catalogs of both files, in quotes.
# ruff: noqa: S608

EXAMPLES = 3
WORKING = "working"
CURRENT = "current"


class Example(NamedTuple):
    """One value before and after."""

    key: dict[str, Any]
    before: Any
    after: Any


class ColumnDifference(NamedTuple):
    """A column of which values differ."""

    column: str
    value_count: int
    examples: list[Example]


class TableDifference(NamedTuple):
    """What differs in one table; `status` says whether it is in both."""

    table: str
    status: str
    """`added`, `gone` or `changed`."""
    columns_added: list[str]
    columns_gone: list[str]
    columns_retyped: dict[str, list[str]]
    """Column to its type before and after."""
    rows_added: int
    rows_gone: int
    rows_changed: int
    """Rows of one key of which a value differs; without a key such rows count as gone and added."""
    columns: list[ColumnDifference]
    decisions_flipped: dict[str, int]
    """Of the predictions, by `before → after`."""
    places_moved: int
    """Of the queue: videos that moved by more than the places asked for."""


class Difference(NamedTuple):
    """All differences."""

    before: str
    after: str
    tables: list[TableDifference]
    """Those that differ, by name."""


def diff(settings: Settings, before: str, after: str, places: int = 0) -> Difference:
    """Compare two states of the public tables.

    Args:
        settings: Where they stand, and the limits.
        before: Id of a release, `current` or `working`.
        after: The same.
        places: Places that a video may move in the queue without being counted.

    Returns:
        What differs; the ledger, which holds time, is left out.

    Raises:
        UsageError: There is no such release.
        WarehouseError: Another process holds the working warehouse.
    """
    with connect_for(settings) as connection:
        names = [_attach(connection, settings, chosen, alias) for chosen, alias in ((before, "a"), (after, "b"))]
        left, right = (_columns(connection, alias) for _, alias in names)
        found = [
            _table(
                connection=connection,
                catalogs=(names[0][1], names[1][1]),
                relation=relation,
                left=left.get(relation),
                right=right.get(relation),
                places=places,
            )
            for relation in sorted(left.keys() | right.keys())
        ]
    return Difference(names[0][0], names[1][0], [table for table in found if _differs(table)])


def _attach(connection: duckdb.DuckDBPyConnection, settings: Settings, chosen: str, alias: str) -> tuple[str, str]:
    """Open one state beside the other; returns its name and its catalog."""
    if chosen == WORKING:
        connect_file(
            settings.warehouse_file, settings, read_only=True
        ).close()  # waits for its lock, or says who has it
        # Its views name their catalog.
        file, alias = settings.warehouse_file, settings.warehouse_file.stem
        if alias in {name for (name,) in connection.execute("select database_name from duckdb_databases()").fetchall()}:
            return chosen, alias
    else:
        chosen = current_release(settings) if chosen == CURRENT else chosen
        if chosen not in list_releases(settings):
            raise UsageError(f"There is no release {chosen}. See `claims releases`, or say {CURRENT} or {WORKING}.")
        file = settings.releases / chosen / "claims.duckdb"
    if not file.exists():
        raise UsageError(f"There is no warehouse at {file}. Run `claims run` first.")
    connection.execute(f"attach {sql_literal(file)} as {quoted(alias)} (read_only)")
    return chosen, alias


def _columns(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, dict[str, str]]:
    """Names and types of the columns of every public table and view, by two-part name."""
    rows = connection.execute(
        "select table_schema, table_name, column_name, data_type from information_schema.columns "
        "where table_catalog = $1 and list_contains($2, table_schema) order by ordinal_position",
        [catalog, contract.public_schemas()],
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for schema, name, column, data_type in rows:
        if name not in OUTSIDE_CHECKSUMS:
            found.setdefault(f"{schema}.{name}", {})[column] = data_type
    return found


def _table(
    connection: duckdb.DuckDBPyConnection,
    catalogs: tuple[str, str],
    relation: str,
    left: dict[str, str] | None,
    right: dict[str, str] | None,
    places: int,
) -> TableDifference:
    if left is None or right is None:
        return TableDifference(
            table=relation,
            status="added" if left is None else "gone",
            columns_added=[],
            columns_gone=[],
            columns_retyped={},
            rows_added=0,
            rows_gone=0,
            rows_changed=0,
            columns=[],
            decisions_flipped={},
            places_moved=0,
        )
    name = relation.split(".")[1]
    common = [column for column in left if left[column] == right.get(column)]
    declared = contract.public_tables().get(name)
    key = [column for column in (declared.key if declared else ()) if column in common]
    sides = tuple(f"{quoted(catalog)}.{'.'.join(map(quoted, relation.split('.')))}" for catalog in catalogs)
    if declared and key and len(key) == len(declared.key):
        added, gone, changed = _match(connection, sides, key, common)
        columns = list(_values(connection, sides, key, common)) if changed else []
    else:
        added = _rows_only_in(connection, sides[1], sides[0], common)
        gone = _rows_only_in(connection, sides[0], sides[1], common)
        changed, columns = 0, []
    flipped, moved = {}, 0
    if changed and name == "fct_claim_predictions":
        flipped = _flips(connection, sides, key)
    if changed and name == "fct_review_queue":
        moved = _moves(connection, sides, key, places)
        if not moved:
            columns = [column for column in columns if column.column != "queue_rank"]
            changed = changed if columns else 0
    return TableDifference(
        table=relation,
        status="changed",
        columns_added=[column for column in right if column not in left],
        columns_gone=[column for column in left if column not in right],
        columns_retyped={
            column: [left[column], right[column]] for column in left if left[column] != right.get(column, left[column])
        },
        rows_added=added,
        rows_gone=gone,
        rows_changed=changed,
        columns=columns,
        decisions_flipped=flipped,
        places_moved=moved,
    )


def _match(
    connection: duckdb.DuckDBPyConnection, sides: Sequence[str], key: Sequence[str], columns: Sequence[str]
) -> tuple[int, int, int]:
    """Rows added, gone and changed; the keys of those changed wait in the table `changed_keys`."""
    shown, row = ", ".join(map(quoted, key)), ", ".join(map(quoted, columns))
    narrow = [f"select {shown}, hash({row}) as fingerprint, true as is_there from {side}" for side in sides]
    connection.execute(
        f"create or replace temp table matched as select {', '.join(f'a.{quoted(name)}' for name in key)}, "
        "a.is_there is null as is_added, b.is_there is null as is_gone "
        f"from ({narrow[0]}) as a full join ({narrow[1]}) as b on {_on(key)} "
        "where a.fingerprint is distinct from b.fingerprint"
    )
    ((added, gone),) = connection.execute(
        "select count(*) filter (is_added), count(*) filter (is_gone) from matched"
    ).fetchall()
    connection.execute(
        f"create or replace temp table changed_keys as select {shown} from matched where not is_added and not is_gone"
    )
    ((changed,),) = connection.execute("select count(*) from changed_keys").fetchall()
    return int(added), int(gone), int(changed)


def _on(key: Sequence[str], left: str = "a", right: str = "b") -> str:
    return " and ".join(f"{left}.{quoted(name)} is not distinct from {right}.{quoted(name)}" for name in key)


def _changed(sides: Sequence[str], key: Sequence[str]) -> str:
    """The rows that differ, both of each key."""
    return (
        f"changed_keys as keys inner join {sides[0]} as a on {_on(key, 'keys', 'a')} "
        f"inner join {sides[1]} as b on {_on(key, 'keys', 'b')}"
    )


def _values(
    connection: duckdb.DuckDBPyConnection, sides: Sequence[str], key: Sequence[str], columns: Sequence[str]
) -> Iterator[ColumnDifference]:
    compared = [name for name in columns if name not in key]
    counts = ", ".join(f"count(*) filter ({_differ(name)})" for name in compared)
    (found,) = connection.execute(f"select {counts} from {_changed(sides, key)}").fetchall()
    shown = ", ".join(f"a.{quoted(name)}" for name in key)
    for name, count in zip(compared, found, strict=True):
        if count:
            rows = connection.execute(
                f"select {shown}, a.{quoted(name)}, b.{quoted(name)} from {_changed(sides, key)} "
                f"where {_differ(name)} order by {shown} limit {EXAMPLES}"
            ).fetchall()
            examples = [Example(dict(zip(key, row, strict=False)), row[-2], row[-1]) for row in rows]
            yield ColumnDifference(name, int(count), examples)


def _differ(column: str) -> str:
    return f"a.{quoted(column)} is distinct from b.{quoted(column)}"


def _rows_only_in(connection: duckdb.DuckDBPyConnection, side: str, other: str, columns: Sequence[str]) -> int:
    shown = ", ".join(map(quoted, columns))
    ((count,),) = connection.execute(
        f"select count(*) from (select {shown} from {side} except all select {shown} from {other})"
    ).fetchall()
    return int(count)


def _flips(connection: duckdb.DuckDBPyConnection, sides: Sequence[str], key: Sequence[str]) -> dict[str, int]:
    rows = connection.execute(
        f"select a.decision, b.decision, count(*) from {_changed(sides, key)} where {_differ('decision')} "
        "group by all order by all"
    ).fetchall()
    return {f"{before} → {after}": int(count) for before, after, count in rows}


def _moves(connection: duckdb.DuckDBPyConnection, sides: Sequence[str], key: Sequence[str], places: int) -> int:
    ((count,),) = connection.execute(
        f"select count(*) from {_changed(sides, key)} where abs(a.queue_rank - b.queue_rank) > {int(places)}"
    ).fetchall()
    return int(count)


def _differs(table: TableDifference) -> bool:
    return table.status != "changed" or any(table[2:])
