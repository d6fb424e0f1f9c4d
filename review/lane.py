"""The audit lane: a few cases, drawn at random, that keep the measure of everything else honest.

A case is drawn by a keyed hash of its identifier, so that a draw can be repeated by whoever holds the key and foreseen
by nobody else. Its score stays hidden until it is decided: seeing a model's opinion first sways a reviewer.
"""

import hashlib
import hmac
import secrets
from pathlib import Path

SELECTION_PROBABILITY = 0.05
SERVED_EVERY = 20
"""One case in so many that a desk hands out comes from the lane, wherever it stands in the queue."""


def read_key(folder: Path) -> bytes:
    """The key of this home, made at the first call; it never leaves the home."""
    path = folder / "audit.key"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            file.write(secrets.token_bytes(32))
    except FileExistsError:
        pass
    return path.read_bytes()


def is_drawn(key: bytes, case_id: str) -> bool:
    """Whether a case belongs to the lane.

    Args:
        key: The home's.
        case_id: Of one episode, so that a case that is opened again is drawn anew.
    """
    digest = hmac.digest(key, case_id.encode(), hashlib.sha256)
    return int.from_bytes(digest[:8]) < SELECTION_PROBABILITY * 2**64
