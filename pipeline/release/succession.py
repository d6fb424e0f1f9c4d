"""What may follow the current release: real data are never replaced by less of them, or by the synthetic twin."""

import json
from typing import Any

from pipeline.landing.folder import landed_deliveries
from pipeline.release.manifest import MANIFEST
from pipeline.release.switch import list_releases
from warehouse.errors import WarehouseError
from warehouse.settings import Settings


def require_successor(settings: Settings, *, is_twin_offered: bool = False) -> None:
    """Refuse to go on where a release of what has landed would drop real deliveries of the current release.

    Args:
        settings: Where both stand, and whether synthetic data may follow real data.
        is_twin_offered: Whether the synthetic twin is about to land, since nothing else was found.

    Raises:
        WarehouseError: The landing folder lacks some of them; the message says which, and how to restore them.
    """
    release_id, before = _real_deliveries(settings)
    landed = landed_deliveries(settings)
    if not before or (settings.allow_synthetic and all(delivery.is_synthetic for delivery in landed)):
        return
    # A delivery that was taken back on purpose is not lost.
    have = {delivery.hash for delivery in [*landed, *landed_deliveries(settings, is_withdrawn=True)]}
    missing = [name for delivery_hash, name in before.items() if delivery_hash not in have]
    if not missing and not is_twin_offered:
        return
    named = f"{missing[0]} and {len(missing) - 1} more" if len(missing) > 1 else "".join(missing)
    others = ", or add --allow-synthetic to publish synthetic data over real ones" if is_twin_offered else ""
    raise WarehouseError(
        f"{settings.landing} lacks {named} of the current release {release_id}, which holds real data. "
        f"Mount or restore that folder, or deliver the files again by name{others}. The published release is untouched."
    )


def _real_deliveries(settings: Settings) -> tuple[str, dict[str, str]]:
    """The current release, or the newest where none is, with the names of its real deliveries by their hashes."""
    name = settings.current.resolve().name if settings.current.exists() else next(iter(list_releases(settings)), "")
    try:
        # Not through the manifest's own reader: releases of earlier formats hold real data too.
        found = json.loads((settings.releases / name / MANIFEST).read_text(encoding="utf-8"))["deliveries"]
        feeds: list[list[dict[str, Any]]] = list(found.values()) if isinstance(found, dict) else [found]
        return name, {
            delivery["sha256"]: delivery["file_name"]
            for feed in feeds
            for delivery in feed
            if not delivery["is_synthetic"]
        }
    except (OSError, ValueError, KeyError, TypeError):
        return name, {}  # what cannot be read can be neither kept nor lost; `claims verify` says so
