"""Writes docs/licences.md: the licence of every locked package, as the package's own metadata state it."""

import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "licences.md"
LOCKS = tuple(ROOT / "requirements" / f"{name}.lock" for name in ("dev", "hyper", "spark", "spark-client"))

UNKNOWN = "not installed where this page was written"
_HEAD = """# Licences

Every package in `requirements/*.lock` with the licence that its own metadata state; `make licences` writes this page,
and a test holds it to the locks. The project itself is under Apache-2.0 (`LICENSE`). None of them is copied into this
repository. Weak copyleft (MPL, LGPL) and GPL stand in bold: they bind whoever passes those packages on, not the data or
results made with them.

| package | version | licence |
|---|---|---|
"""
_ROW = re.compile(r"\| ([^|]+) \| ([^|]+) \| ([^|]+) \|")
_COPYLEFT = re.compile(r"GPL|General Public|MPL|Mozilla")
LONGEST = 60


def locked(locks: Iterable[Path] = LOCKS) -> dict[str, str]:
    """The locked packages with their versions, several where locks differ."""
    found: dict[str, set[str]] = {}
    for lock in locks:
        for name, version in re.findall(
            r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE
        ):
            found.setdefault(name, set()).add(version)
    return {name: ", ".join(sorted(versions)) for name, versions in sorted(found.items())}


def licence(package: PackageMetadata) -> str:
    """The licence that a package's metadata state: an SPDX expression, a short name, or its classifiers."""
    classifiers = [
        text.rpartition(" :: ")[2]
        for text in package.get_all("Classifier") or []
        if text.startswith("License :: ") and not text.endswith("OSI Approved")
    ]
    for text in [*(package.get_all("License-Expression") or []), *(package.get_all("License") or [])]:
        is_a_name = "\n" not in text and len(text) <= LONGEST and text not in {"UNKNOWN", "Dual License"}
        if is_a_name and not text.startswith(("Copyright", "License ")):
            return str(text)
    return " or ".join(classifiers) or "stated in its own files only"


def rows(before: str) -> dict[str, tuple[str, str]]:
    """Version and licence of each locked package.

    Args:
        before: The page as it was: a package of another system or Python, which is not installed here, keeps its line,
            and so does one of several versions, of which the Python here has one.
    """
    known = {name: found for name, *found in _ROW.findall(before)}
    listed = {}
    for name, version in locked().items():
        kept_version, kept = known.get(name, ["", UNKNOWN])
        found = kept if kept_version == version else UNKNOWN
        if found == UNKNOWN or ", " not in version:
            with suppress(PackageNotFoundError):
                found = licence(metadata(name))
        listed[name] = (version, found)
    return listed


def page(before: str) -> str:
    """The whole page."""
    lines = [
        f"| {name} | {version} | {f'**{text}**' if _COPYLEFT.search(text) and '**' not in text else text} |"
        for name, (version, text) in rows(before).items()
    ]
    return _HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}: {len(locked())} packages\n")
