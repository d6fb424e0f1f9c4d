"""The manifest of a release: what it holds, and the checksums that prove it."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import duckdb

from warehouse import contract
from warehouse.errors import DataError

MANIFEST = "manifest.json"
# They hold time, which no two runs share.
OUTSIDE_CHECKSUMS = frozenset({"run_ledger"})


def read_manifest(release: Path) -> dict[str, Any]:
    """The manifest of a release folder."""
    manifest: dict[str, Any] = json.loads((release / MANIFEST).read_text(encoding="utf-8"))
    return manifest


def table_checksums(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Row count and checksum of every public table and view of the connection's current database.

    A checksum is the sum of DuckDB's row hashes (one value in 1.4, 1.5 and 2.0): the order of rows does not matter.
    The names come from the file's catalog, so that releases of earlier versions of the code stay verifiable.
    """
    relations = connection.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_catalog = current_database() and list_contains($1, table_schema) order by table_name",
        [contract.public_schemas()],
    ).fetchall()
    checksums = {}
    for schema, name in relations:
        if name not in OUTSIDE_CHECKSUMS:
            relation = f"{quoted(schema)}.{quoted(name)}"
            row_count, total = connection.execute(
                f"select count(*), coalesce(sum(hash(content)), 0) from {relation} as content"  # noqa: S608 - catalog
            ).fetchall()[0]
            checksums[name] = {"schema": schema, "row_count": int(row_count), "checksum": f"{int(total):x}"}
    return checksums


def quoted(identifier: str) -> str:
    """An SQL identifier in quotes."""
    return '"' + identifier.replace('"', '""') + '"'


def file_checksums(release: Path) -> dict[str, Any]:
    """Size and SHA-256 of every file of a release folder but its manifest, by relative path."""
    checksums = {}
    for path in sorted(release.rglob("*")):
        name = path.relative_to(release).as_posix()
        if path.is_file() and name != MANIFEST:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            checksums[name] = {"byte_count": path.stat().st_size, "sha256": digest}
    return checksums


def compare(release_id: str, expected: dict[str, Any], found: dict[str, Any]) -> None:
    """Refuse what differs from a manifest.

    Raises:
        DataError: An entry differs; the message says which.
    """
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            raise DataError(
                f"Release {release_id}: {name} is {_in_words(found.get(name))}, its manifest says "
                f"{_in_words(expected.get(name))}. Switch to another release with `claims rollback`, or publish anew."
            )


def _in_words(entry: dict[str, Any] | None) -> str:
    return "absent" if entry is None else re.sub(r"[{}']", "", str(entry))
