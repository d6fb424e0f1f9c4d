"""What `claims run --resume` may skip: steps whose code, settings and inputs are those of their last finished run."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from pipeline.release.build import versions
from pipeline.release.switch import verify
from pipeline.state import ledger
from warehouse import contract
from warehouse.errors import ClaimsError, WarehouseError
from warehouse.factory import open_engine
from warehouse.settings import Settings, code_version

# They say where and how fast, not what.
_NO_INFLUENCE = {
    "home",
    "memory_limit",
    "threads",
    "lock_wait_sec",
    "releases_kept",
    "readers_group",
    "allow_synthetic",
}


def fingerprint(settings: Settings, previous: str, step: str, rooms: Sequence[str], input_hashes: Sequence[str]) -> str:
    """Fingerprint of everything that a step's result depends on; a chain, since each holds the one before it.

    Args:
        settings: Those that influence results count.
        previous: Fingerprint of the step before; empty for the first.
        step: Name of the step.
        rooms: Rooms of code that the step uses beside those that make results.
        input_hashes: Hashes of all landed deliveries.

    Returns:
        32 hex digits.
    """
    facts = [
        previous,
        step,
        code_version(),
        code_version(tuple(rooms)) if rooms else "",
        versions(),
        settings.model_dump(mode="json", exclude=_NO_INFLUENCE),
        sorted(input_hashes),
    ]
    return hashlib.md5(json.dumps(facts, sort_keys=True).encode(), usedforsecurity=False).hexdigest()


def last_runs(settings: Settings, stamp: str) -> dict[str, dict[str, Any]]:
    """The last ledger entry of each step that was run, whatever came of it.

    Nothing is known any more of the steps before another program changed the working warehouse: each step has noted
    the state that it found and the one that it left.

    Args:
        settings: Where the ledger is.
        stamp: State of the working warehouse now.

    Returns:
        Entries by step.
    """
    found: dict[str, dict[str, Any]] = {}
    left: str | None = None
    for entry in ledger.read(settings.ledger):
        if not entry.get("step") or entry.get("status") == "skipped":
            continue
        if "warehouse_before" in entry:
            if entry["warehouse_before"] != left:
                found.clear()
            # A step that was killed has not said what it left: what it found, or nothing is known.
            left = entry.get("warehouse_after", entry["warehouse_before"])
        found[entry["step"]] = entry
    return found if left == stamp else {}


def have_public_tables(settings: Settings) -> bool:
    """Whether the working warehouse holds every public table; a first build makes result tables empty."""
    try:
        with open_engine(settings, read_only=True) as engine:
            found = engine.relations()
    except WarehouseError:
        return False
    return found.issuperset(contract.relation(name) for name in contract.public_tables())


def have_models(settings: Settings) -> bool:
    """Whether the fitted models that wait to be published are those that were saved, byte for byte."""
    from ml.classifier import registry
    from ml.classifier.feature_sets import feature_sets

    return all(registry.is_whole(settings.models, entry.name) for entry in feature_sets())


def have_release(settings: Settings) -> bool:
    """Whether a release is current, and whole."""
    try:
        verify(settings, None)
    except ClaimsError:
        return False
    return True
