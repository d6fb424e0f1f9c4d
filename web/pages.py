"""Rendering of pages: templates that escape what they show, and a policy that lets nothing else run."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

HERE = Path(__file__).parent
TABLES = HERE / "tables.js"
"""Sorting and searching of tables that ask for it."""


def environment(*folders: Path) -> Environment:
    """Templates of these folders and of this one; everything they show is escaped, and a missing value is an error."""
    return Environment(
        loader=FileSystemLoader([*folders, HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def asset(path: Path) -> Markup:
    """A style sheet or script of our own, to stand inside a page."""
    return Markup(path.read_text(encoding="utf-8"))  # noqa: S704  # our own file, never a delivered one


def style() -> Markup:
    """The style sheet of every page."""
    return asset(HERE / "style.css")


def content_policy(style: str, script: str = "", *, form_action: str = "'none'") -> str:
    """A content security policy that names the hash of what may run and be applied, and allows nothing else.

    Args:
        style: The page's style element.
        script: The page's script element, if it has one.
        form_action: Where forms may be sent.
    """
    allowed = f"script-src {_hash(script)}; " if script else ""
    return f"default-src 'none'; {allowed}style-src {_hash(style)}; base-uri 'none'; form-action {form_action}"


def security_headers(policy: str) -> dict[str, str]:
    """Headers under which a server sends a page: no framing, no guessing of types, no referrer, no copy kept.

    Args:
        policy: The page's content security policy.
    """
    return {
        "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
