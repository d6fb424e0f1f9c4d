"""JSON for programs in any language."""

import json
import math
from datetime import date, datetime
from typing import Any


def json_text(document: Any) -> str:
    """Write a document as JSON; identifiers become text, since JavaScript rounds whole numbers beyond 2^53.

    Moments are written as ISO 8601; what is no number is null, which is the only word that JSON has for it.

    Args:
        document: Dictionaries, lists and plain values.
    """
    return json.dumps(_portable(document), allow_nan=False)


def _portable(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _portable(entry, name) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_portable(entry, key) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()
    is_identifier = isinstance(value, int) and not isinstance(value, bool) and key.endswith("_id")
    return str(value) if is_identifier else value
