"""The manifest of a landed delivery: what its folder holds, and the checksums that prove it."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from pipeline.landing.reading.delivery_file import content_hash

MANIFEST = "manifest.json"


def write_manifest(folder: Path, delivery: dict[str, Any]) -> None:
    """Describe a finished landing folder in a file of its own.

    Args:
        folder: The landed tables of one delivery.
        delivery: The delivery's row of `landed_deliveries`.
    """
    files = {name: {**checksum, **_shape(folder / name)} for name, checksum in _checksums(folder).items()}
    content = {"delivery": delivery, "files": files}
    text = json.dumps({**content, "sha256": document_hash(content)}, indent=1, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def document_hash(document: dict[str, Any]) -> str:
    """SHA-256 of what a manifest says.

    A manifest that holds its own tells a changed checksum in it from a change of the file that the checksum is of.
    """
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def folder_name(number: int, delivery_hash: str) -> str:
    """The name of a delivery's landing folder."""
    return f"{number:05d}-{delivery_hash[:12]}"


def read_delivery(folder: Path) -> dict[str, Any] | None:
    """The delivery's row in the manifest of a landing folder, or None where its files are not those of a manifest.

    Names and sizes are compared, not contents: `damage` does that.
    """
    try:
        manifest = _read(folder)
        sizes = {name: entry["byte_count"] for name, entry in manifest["files"].items()}
        delivery: dict[str, Any] = manifest["delivery"]
        name = folder_name(delivery["delivery_number"], delivery["delivery_hash"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    is_whole = name == folder.name and sizes == {path.name: path.stat().st_size for path in _tables(folder)}
    return delivery if is_whole else None


def delivery_name(folder: Path) -> str | None:
    """The name of the delivered file, as far as a damaged landing, or one of an earlier version, still tells it."""
    try:
        return str(_read(folder)["delivery"]["delivery_file_name"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _earlier_name(folder)


def is_earlier(folder: Path) -> bool:
    """Whether a version that wrote no manifests landed it."""
    return not (folder / MANIFEST).exists() and _earlier_name(folder) is not None


def _earlier_name(folder: Path) -> str | None:
    try:
        (row,) = parquet.read_table(folder / "landed_deliveries.parquet").to_pylist()
        return str(row["delivery_file_name"])
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return None


def damage(folder: Path) -> str | None:
    """What differs between a landing folder and its manifest, every byte compared.

    Returns:
        The name of the first file at fault, or None.
    """
    if (delivery := read_delivery(folder)) is None and not (folder / MANIFEST).is_file():
        return MANIFEST
    try:
        manifest = _read(folder)
        # Manifests written before 2026-11-27 have no checksum of their own.
        if (own := manifest.pop("sha256", None)) is not None and own != document_hash(manifest):
            return MANIFEST
        expected, found = dict(manifest["files"]), _checksums(folder)
        # No reader is given bytes that are not those that were written.
        for name in sorted(expected.keys() | found.keys()):
            if {key: expected.get(name, {}).get(key) for key in ("byte_count", "sha256")} != found.get(name):
                return name
        shapes = all(expected[name] == {**found[name], **_shape(folder / name)} for name in found)
        rows = parquet.read_table(folder / "landed_deliveries.parquet").to_pylist()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException):
        return MANIFEST
    is_whole = shapes and rows == [delivery] and manifest.keys() == {"delivery", "files"}
    return None if is_whole else MANIFEST


def _read(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return manifest


def _checksums(folder: Path) -> dict[str, dict[str, Any]]:
    paths = _tables(folder)
    with ThreadPoolExecutor(2) as pool:
        hashes = list(pool.map(content_hash, paths))
    return {
        path.name: {"byte_count": path.stat().st_size, "sha256": digest}
        for path, digest in zip(paths, hashes, strict=True)
    }


def _shape(path: Path) -> dict[str, Any]:
    schema = {field.name: str(field.type) for field in parquet.read_schema(path)}
    return {"row_count": parquet.read_metadata(path).num_rows, "schema": schema}


def _tables(folder: Path) -> list[Path]:
    return sorted(folder.glob("landed_*.parquet"))
