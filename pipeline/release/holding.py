"""Which releases hold what is erased, by looking into their tables."""
# ruff: noqa: S608 - names come from the release's own catalogue and literals are quoted

import duckdb

from pipeline.landing.sought import Sought
from pipeline.release import switch
from pipeline.state.locks import only_switch
from warehouse.duckdb_engine import connect_release
from warehouse.errors import ClaimsError
from warehouse.settings import Settings


def retire_holders(settings: Settings, sought: Sought, kept: str) -> list[str]:
    """Remove every release that holds any of it; who has one open reads on.

    Args:
        settings: Where the releases are.
        sought: What is erased.
        kept: The release without, which has just been published.

    Returns:
        The releases that went.
    """
    gone = []
    with only_switch(settings):
        for name in switch.list_releases(settings):
            if name != kept and holds(settings, name, sought):
                switch.retire(settings, settings.releases / name)
                gone.append(name)
    return gone


def holds(settings: Settings, release_id: str, sought: Sought) -> bool:
    """Whether a release holds any of it; one that cannot be read, or whose reporters cannot be told apart, does."""
    try:
        with connect_release(settings.releases / release_id, settings) as connection:
            columns: dict[str, list[tuple[str, str]]] = {}
            for schema, table, column, kind in connection.execute(
                "select table_schema, table_name, column_name, data_type from information_schema.columns "
                "inner join information_schema.tables using (table_catalog, table_schema, table_name) "
                "where table_type = 'BASE TABLE' and (column_name = 'video_id' or data_type = 'VARCHAR')"
            ).fetchall():
                columns.setdefault(f'"{schema}"."{table}"', []).append((column, kind))
            # A reporter stands in a release under a hash of its own key; any release with reports may hold theirs.
            if sought.reporter_ids and any(table.endswith('"fct_reports"') for table in columns):
                (count,) = connection.execute("select count(*) from marts.fct_reports").fetchall()[0]
                if count:
                    return True
            return any(_table_holds(connection, table, found, sought) for table, found in columns.items())
    except (ClaimsError, duckdb.Error, OSError):
        return True


def _table_holds(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[tuple[str, str]], sought: Sought
) -> bool:
    condition = sought.condition({column for column, _ in columns} & {"video_id"})
    if connection.execute(f"select exists (select 1 from {table} where {condition})").fetchall() == [(True,)]:
        return True
    told = sought.in_prose()
    return any(
        told.is_in(text)
        for column, kind in columns
        if kind == "VARCHAR"
        for (text,) in connection.execute(f'select distinct "{column}" from {table}').fetchall()
    )
