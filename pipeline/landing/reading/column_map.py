"""Another platform's columns: reading the map that a person wrote, and writing a first one with guesses."""

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from pipeline.landing.reading.delivery_file import display_name
from pipeline.landing.reading.dialect import plain_name, recognise
from pipeline.landing.reading.options import ColumnMap, Options
from warehouse import contract
from warehouse.errors import UsageError
from warehouse.settings import Settings

INDISPENSABLE = "video_id"
_ABSENT = "absent"
# What other platforms call things, in words of a column's name.
_WORDS = {
    "video_id": ("video", "id", "clip", "post", "item", "media"),
    "claim_status": ("claim", "label", "verdict", "class", "annotation", "rating"),
    "video_duration_sec": ("duration", "length", "seconds", "sec"),
    "video_transcription_text": ("transcript", "transcription", "text", "caption", "speech", "words"),
    "verified_status": ("verified", "verification", "badge"),
    "author_ban_status": ("ban", "banned", "suspension", "standing"),
    "video_view_count": ("view", "views", "plays", "impressions", "watched"),
    "video_like_count": ("like", "likes", "hearts", "favourites", "favorites"),
    "video_share_count": ("share", "shares", "reposts", "forwards"),
    "video_download_count": ("download", "downloads", "saves", "saved"),
    "video_comment_count": ("comment", "comments", "replies"),
    "snapshot_at": ("snapshot", "exported", "collected", "crawled"),
}
_LIKELY = 0.75


def read_map(path: Path) -> ColumnMap:
    """Read a map of columns.

    Args:
        path: A YAML file: our column -> the file's, or `{from: ..., values: {theirs: ours}}`, and `absent`, a list of
            the columns that the platform has not.

    Returns:
        The map.

    Raises:
        UsageError: It is no map, or names a column or a category that there is not.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(
            f"{path} does not exist. Check the name, or begin one with `claims ingest --columns-template FILE`."
        ) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{path} cannot be read as YAML: {str(error).splitlines()[0]}.") from error
    if not isinstance(entries, dict):
        raise UsageError(f"{path} is no map: write a line `our_column: their_column` for each column.")
    feed = contract.feeds()["videos"]
    known = {column.name: column for column in feed.columns}
    absent = frozenset(map(str, entries.pop(_ABSENT, None) or ()))
    if unknown := sorted((set(map(str, entries)) | absent) - known.keys()):
        raise UsageError(f"{path} names {', '.join(unknown)}; the columns are {', '.join(known)}.")
    if INDISPENSABLE in absent:
        raise UsageError(f"{path} calls {INDISPENSABLE} absent: it is the one column that nothing works without.")
    if both := sorted(absent & entries.keys()):
        raise UsageError(f"{path} says where {', '.join(both)} is and that it is absent. Take one of the two away.")
    names, values = {}, {}
    for name, entry in entries.items():
        column = known[name]
        names[name] = str(entry.get("from", column.delivered_as[0]) if isinstance(entry, dict) else entry)
        if isinstance(entry, dict) and entry.get("values"):
            values[name] = _categories(path, column, entry["values"])
    return ColumnMap(names, values, absent)


def _categories(path: Path, column: contract.FeedColumn, entries: Any) -> dict[str, str | None]:
    if not column.categories or not isinstance(entries, dict):
        raise UsageError(f"{path}: {column.name} takes no values; only columns of categories do.")
    found = {" ".join(re.split(r"[\s_]+", _word(theirs).lower())): _word(ours) for theirs, ours in entries.items()}
    for theirs, ours in found.items():
        if ours is not None and ours not in column.categories:
            raise UsageError(
                f"{path}: {column.name} has no category {ours!r}; they are {', '.join(column.categories)}, or null for "
                "no value."
            )
        if theirs in column.categories and ours != theirs:
            raise UsageError(f"{path}: {theirs!r} is one of ours in {column.name} and cannot mean {ours!r} as well.")
    return found


def _word(value: Any) -> Any:
    """YAML reads `yes` and `no` as truths, and 1 as a number; None stays."""
    return value if value is None else {True: "true", False: "false"}.get(value, str(value))


def template(path: Path, settings: Settings) -> str:
    """A first map for a file, as text of YAML.

    Args:
        path: A delivered file of another platform.
        settings: Its limits.

    Returns:
        A line for each of our columns: the file's column that its name suggests, or its place among the absent ones.

    Raises:
        DataError: The file is no table.
        UsageError: There is no such file.
    """
    if not path.is_file():
        raise UsageError(f"{path} is no file. Name a file of that platform.")
    columns = contract.feeds()["videos"].columns
    # Where nothing is expected, any table is recognised.
    header = recognise(
        path, settings, Options(columns=ColumnMap(absent=frozenset(name for name, *_ in columns)))
    ).header
    guesses = _guesses(header)
    lines = [
        f"# The columns of {display_name(path)}, guessed by their names: check each line.",
        f"# Its columns: {', '.join(header)}",
        *_entries(guesses),
    ]
    absent = [column.name for column in columns if column.name not in guesses and not column.is_optional]
    if INDISPENSABLE in absent:
        lines.append(f"{INDISPENSABLE}: ???  # the one column that nothing works without")
        absent.remove(INDISPENSABLE)
    lines += ["# What the platform has not: it stays empty everywhere.", f"{_ABSENT}: [{', '.join(absent)}]", ""]
    return "\n".join(lines)


def _entries(guesses: Mapping[str, str]) -> Iterator[str]:
    columns = {column.name: column for column in contract.feeds()["videos"].columns}
    for name, theirs in guesses.items():
        quoted = yaml.safe_dump(theirs, allow_unicode=True, width=10_000).splitlines()[0]
        if categories := columns[name].categories:
            yield f"{name}:"
            yield f"  from: {quoted}"
            yield f"  values: {{}}  # theirs: ours, such as `misinformation: claim`; ours are {', '.join(categories)}"
        else:
            yield f"{name}: {quoted}"


def _guesses(header: tuple[str, ...]) -> dict[str, str]:
    """Our columns and the file's that their names suggest, the likeliest pairs first served."""
    usual = {column.name: column.delivered_as[0] for column in contract.feeds()["videos"].columns}
    scores = sorted(
        ((_likeness(name, usual[name], theirs), name, theirs) for name in _WORDS for theirs in header), reverse=True
    )
    found: dict[str, str] = {}
    for score, name, theirs in scores:
        if score >= _LIKELY and name not in found and theirs not in found.values():
            found[name] = theirs
    return {name: found[name] for name in _WORDS if name in found}


def _likeness(name: str, usual: str, theirs: str) -> float:
    if plain_name(usual) == plain_name(theirs):
        return 2.0
    words = re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", theirs).lower())
    shared = sum(word in _WORDS[name] for word in words)
    return max(shared / len(words) if words else 0.0, difflib.SequenceMatcher(None, usual, theirs.lower()).ratio())
