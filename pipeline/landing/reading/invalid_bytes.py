"""Bytes that are no text in a file's encoding: kept through decoding, so that the record can be rejected and shown."""

import codecs
import re

HANDLER = "claims-invalid-bytes"
"""Name of the error handler for `open` and `decode`."""

# A lone low surrogate stands for a byte; no valid text holds one.
_FIRST = 0xDC00
_INVALID = re.compile("[\udc00-\udcff]")


def _keep(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(_FIRST + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(HANDLER, _keep)


def has_invalid_bytes(text: str) -> bool:
    """Whether the decoded text holds bytes that were no text."""
    return not text.isascii() and _INVALID.search(text) is not None


def shown(text: str) -> str:
    r"""The text with each invalid byte as `\xNN`, fit to be stored."""
    return text if text.isascii() else _INVALID.sub(lambda match: f"\\x{ord(match[0]) - _FIRST:02x}", text)
