"""The gate before a release: what must hold, whatever called for it."""

import duckdb

from pipeline.release.manifest import audits_of
from warehouse import contract
from warehouse.errors import DataError


def require_public_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse a working warehouse that lacks a public table.

    Raises:
        DataError: One is missing.
    """
    found = {
        f"{schema}.{name}"
        for schema, name in connection.execute(
            "select table_schema, table_name from information_schema.tables where table_catalog = 'warehouse'"
        ).fetchall()
    }
    if missing := sorted({contract.relation(name) for name in contract.public_tables()} - found):
        raise DataError(f"The working warehouse lacks {', '.join(missing)}. Run `claims run`, or `claims build`.")


def check_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse tables that are not whole, whatever called for a release: the audits passed and nothing is lost.

    Args:
        connection: On the staged release.

    Raises:
        DataError: An audit is missing or says no, or a law of conservation is broken.
    """
    audits = audits_of(connection)
    if {"incoming", "outgoing"} - audits.keys():
        raise DataError("The audits have not checked both boundaries. Run `claims audit` before publishing.")
    if failed := [boundary for boundary, counts in audits.items() if counts["critical_count"]]:
        raise DataError(f"The audit of {' and '.join(failed)} data found critical failures. See `claims audit`.")
    relation = contract.relation("reconciliation")
    lost = connection.execute(
        f"select delivery_file_name from {relation} where is_reconciled is distinct from true"  # noqa: S608 - contract
    ).fetchall()
    if lost:
        raise DataError(f"Records of {lost[0][0]} are neither landed nor rejected. See quality.reconciliation.")
