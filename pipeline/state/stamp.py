"""What tells one state of the working warehouse from another without reading it."""

import hashlib

from warehouse.settings import Settings

# DuckDB's own headers: the file's random identity, and a counter that each checkpoint raises (storage v1.4.0, 2026-11).
_HEADER_BYTES = 3 * 4096


def warehouse_stamp(settings: Settings) -> str:
    """A fingerprint of the working warehouse's state: equal as long as nobody has changed it.

    Only while this process has the file closed: closing it a second time would give DuckDB's lock away.

    Args:
        settings: Where the warehouse stands.

    Returns:
        32 hex digits; the same for every warehouse that is absent.
    """
    digest = hashlib.md5(usedforsecurity=False)
    file = settings.warehouse_file
    if file.exists():
        with file.open("rb") as stream:
            digest.update(stream.read(_HEADER_BYTES))
    log = file.with_name(file.name + ".wal")
    if log.exists():
        digest.update(log.read_bytes())
    return digest.hexdigest()


def changed_between(settings: Settings, before: str, after: str) -> str:
    """The sentence for a warehouse that somebody else has changed under a run."""
    return (
        f"{settings.warehouse_file} was changed by another program between {before} and {after}; nothing was "
        "published. Let no dbt build work in it meanwhile, and run `claims run` again."
    )
