"""The manifest of a release: what it holds and where it comes from, with the checksums that prove both.

One versioned format. What later comes into a release is a new kind of content in `KINDS`, not a new field.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import duckdb
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from pipeline.landing.manifest import document_hash
from warehouse import contract
from warehouse.errors import DataError, WarehouseError

MANIFEST = "manifest.json"
FORMAT_VERSION = 1
# They hold time, which no two runs share.
OUTSIDE_CHECKSUMS = frozenset({"run_ledger"})
KINDS = {
    "tables": "claims.duckdb",
    "parquet": "parquet",
    "report": "report",
    "handouts": "handouts",
    "models": "models",
    "summaries": "summaries",
    "dbt": "dbt",
}
"""Kinds of content, each with the one file or folder of a release that holds it; `dbt` holds dbt's own manifest."""
_HASH = "manifest_sha256"


class Manifest(BaseModel):
    """What a release holds and where it comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: Literal[1] = 1
    release_id: str
    sequence_number: int
    """Orders the releases of a home, whatever the clock says."""
    staged_at: AwareDatetime
    """When staging began: the one time that pages may show."""
    run_id: str | None
    code_version: str
    storage_version: str
    versions: dict[str, str]
    """Of Python and of the libraries that results rest on."""
    deliveries: dict[str, list[dict[str, Any]]]
    """Those in the tables, by feed; see `deliveries_of`."""
    audits: dict[str, dict[str, int]]
    """Counts by boundary; see `audits_of`."""
    tables: dict[str, dict[str, Any]]
    """See `table_checksums`."""
    folders: dict[str, dict[str, Any]]
    """Modes by relative path; `.` is the release itself."""
    files: dict[str, dict[str, Any]]
    """See `contents_of`."""

    @property
    def is_synthetic(self) -> bool:
        """Whether any of its rows are our own twin's."""
        return any(delivery["is_synthetic"] for feed in self.deliveries.values() for delivery in feed)


def staging_time() -> datetime:
    """The present moment in whole seconds, or the one that `SOURCE_DATE_EPOCH` fixes for builds that compare equal."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(fixed), UTC) if fixed else datetime.now(UTC).replace(microsecond=0)


def write_manifest(release: Path, manifest: Manifest) -> None:
    """Write the manifest into its release, with a hash over itself."""
    document = manifest.model_dump(mode="json")
    text = json.dumps({**document, _HASH: document_hash(document)}, indent=2, sort_keys=True)
    (release / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_manifest(release: Path) -> Manifest:
    """The manifest of a release folder.

    Raises:
        DataError: It was changed after it was written.
        WarehouseError: It cannot be read, or is of another format.
    """
    manifest, is_genuine = read_any_manifest(release)
    if not is_genuine:
        raise DataError(f"Release {release.name}: {MANIFEST} was changed after it was written.")
    return manifest


def read_any_manifest(release: Path) -> tuple[Manifest, bool]:
    """The manifest of a release folder, and whether its hash over itself holds; see `read_manifest`."""
    try:
        document = json.loads((release / MANIFEST).read_text(encoding="utf-8"))
        if not isinstance(document, dict):
            raise WarehouseError(f"Release {release.name}: {MANIFEST} holds no manifest but a {_type(document)}.")
        if document.get("format_version") != FORMAT_VERSION:
            raise WarehouseError(
                f"Release {release.name}: {MANIFEST} is of format {document.get('format_version', 0)}, this version "
                f"reads {FORMAT_VERSION}. Publish anew."
            )
        found = document.pop(_HASH, None)
        return Manifest(**document), found == document_hash(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise WarehouseError(f"Release {release.name}: {MANIFEST} is unreadable: {where}: {first['msg']}.") from error
    except (OSError, ValueError) as error:
        raise WarehouseError(f"Release {release.name}: {MANIFEST} cannot be read: {error}.") from error


def _type(document: object) -> str:
    return {list: "list", str: "text", type(None): "null"}.get(type(document), "number")


def table_checksums(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
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


def deliveries_of(connection: duckdb.DuckDBPyConnection) -> dict[str, list[dict[str, Any]]]:
    """The deliveries whose rows the tables hold, in order, by feed."""
    relation = contract.relation("reconciliation")
    rows = connection.execute(
        f"""
        select feed, delivery_number, delivery_file_name, delivery_hash, is_synthetic,
            record_count, landed_count, rejected_count
        from {relation}
        where not is_withdrawn
        order by feed, delivery_number
        """  # noqa: S608 - a name of the contract
    ).fetchall()
    names = ("delivery_number", "file_name", "sha256", "is_synthetic", "record_count", "landed_count", "rejected_count")
    found: dict[str, list[dict[str, Any]]] = {}
    for feed, *row in rows:
        found.setdefault(feed, []).append(dict(zip(names, row, strict=True)))
    return found


def audits_of(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """What the audits found, by boundary: expectations checked, warnings, critical failures."""
    relation = contract.relation("audit_results")
    rows = connection.execute(
        f"""
        select
            boundary,
            count(*),
            count(*) filter (where not is_successful and severity <> 'critical'),
            count(*) filter (where not is_successful and severity = 'critical')
        from {relation}
        group by boundary
        order by boundary
        """  # noqa: S608 - a name of the contract
    ).fetchall()
    names = ("checked_count", "warning_count", "critical_count")
    return {boundary: dict(zip(names, counts, strict=True)) for boundary, *counts in rows}


def contents_of(release: Path) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Everything below a release folder but its manifest.

    Args:
        release: The folder; no link in it is followed.

    Returns:
        Folders and files by relative path. Of a folder the mode; of a file its kind, mode, size and SHA-256; of a
        link its target.
    """
    folders: dict[str, dict[str, Any]] = {}
    files: dict[str, dict[str, Any]] = {}
    for path in sorted([release, *release.rglob("*")]):
        name = path.relative_to(release).as_posix()
        mode = f"{stat.S_IMODE(path.lstat().st_mode):04o}"
        if path.is_dir() and not path.is_symlink():
            folders[name] = {"mode": mode}
        elif name != MANIFEST:
            files[name] = {"kind": kind_of(name), "mode": mode, **_content(path)}
    return folders, files


def kind_of(name: str) -> str | None:
    """The kind of content that a relative path belongs to, if any."""
    return next((kind for kind, place in KINDS.items() if place == name.split("/", 1)[0]), None)


def _content(path: Path) -> dict[str, Any]:
    if path.is_symlink():
        return {"byte_count": 0, "sha256": None, "link_target": str(path.readlink())}
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"byte_count": path.stat().st_size, "sha256": digest, "link_target": None}


def differences(expected: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    """Say of each entry that differs what it is and what its manifest says."""
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            is_, says = expected.get(name), found.get(name)
            yield f"{name} is {_in_words(says, is_)}, its manifest says {_in_words(is_, says)}"


def _in_words(entry: Any, other: Any) -> str:
    """An entry, or of two entries of one shape what differs."""
    if entry is None:
        return "absent"
    if not isinstance(entry, dict):
        return json.dumps(entry, sort_keys=True)
    shown = {key: value for key, value in entry.items() if not isinstance(other, dict) or other.get(key) != value}
    return ", ".join(f"{key} {json.dumps(value)}" for key, value in shown.items()) or "without it"
