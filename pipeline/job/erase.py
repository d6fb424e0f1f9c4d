"""Erasure: a request is written down first, so that whatever breaks off, the next run goes on with it.

`begin` writes the request, `carry_out` takes the records out of everything but the releases and the next run builds;
`finish`, called when a release without them is published, removes the older releases and the request.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from pipeline.job.step import Outcome
from pipeline.job.whereabouts import set_aside_with
from pipeline.landing import erase as landed
from pipeline.landing import raw_files
from pipeline.landing.sought import Sought
from pipeline.state import durable, ledger, tombstones
from warehouse.errors import UsageError, WarehouseError
from warehouse.progress import Report
from warehouse.settings import Settings

# Made anew by the next run, or by the next command that needs them.
_MADE_ANEW = ("warehouse.duckdb", "warehouse.duckdb.wal", "spark", "models", "synthetic", "report", "last-error.txt")

_TELLING_CHARACTERS = 20


class Request(BaseModel):
    """An erasure under way, and what it has removed so far."""

    sought: Sought
    reason: str
    is_raw_edited: bool = False
    is_carried_out: bool = False
    removed: dict[str, int] = {}
    """How much went, by the place and kind of it; no content."""
    left: list[str] = []
    """What stands outside the home and is a person's to remove, one phrase each."""

    def add(self, counts: dict[str, int]) -> "Request":
        """The request with more that is gone."""
        return self.model_copy(update={"removed": dict(Counter(self.removed) + Counter(counts))})


def pending(settings: Settings) -> Request | None:
    """The erasure under way.

    Raises:
        WarehouseError: Its request cannot be read.
    """
    try:
        return Request.model_validate_json(_path(settings).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise WarehouseError(f"{_path(settings)} is damaged. Remove it and call `claims erase` again.") from error


def begin(settings: Settings, sought: Sought, reason: str, *, is_raw_edited: bool) -> None:
    """Write the request down; hold the run lock.

    Args:
        settings: Where everything stands.
        sought: What to erase; one that is under way grows by it.
        reason: Why, in words for the ledger.
        is_raw_edited: Whether lines of files in `data/raw` are taken out too.

    Raises:
        UsageError: The reason names what is to be erased.
    """
    _require_silent(reason, sought)
    before = pending(settings)
    videos, reporters = set(sought.video_ids), set(sought.reporter_ids)
    # Two words may stand in anybody's record.
    texts = {text for text in landed.transcripts_of(settings, sought) if len(text) >= _TELLING_CHARACTERS}
    if before is not None:
        videos |= set(before.sought.video_ids)
        reporters |= set(before.sought.reporter_ids)
        texts |= set(before.sought.transcripts)
    whole = Sought(
        video_ids=tuple(sorted(videos)), reporter_ids=tuple(sorted(reporters)), transcripts=tuple(sorted(texts))
    )
    landed.waiting_folder(settings).mkdir(mode=0o700, exist_ok=True)
    _save(
        settings,
        Request(sought=whole, reason=reason, is_raw_edited=is_raw_edited, removed=before.removed if before else {}),
    )


def keep_out(sought: Sought, reason: str, settings: Settings, _progress: Report) -> Outcome:
    """Leave tombstones for what stands nowhere, so that it stays out when it is delivered; hold the run lock.

    Args:
        sought: What to keep out.
        reason: Why, in words for the ledger.
        settings: Whose home.

    Returns:
        How many tombstones.

    Raises:
        UsageError: The reason names what is to be kept out.
    """
    _require_silent(reason, sought)
    tombstones.add(settings, sought.each())
    number = len([*sought.each()])
    return Outcome(number, f"{number} tombstones left ({reason}); nothing was there to erase")


def carry_out(settings: Settings) -> Request | None:
    """Take the records out of everything but the releases; done twice, it finds nothing the second time.

    Returns:
        The request with what it removed; None where there is none.
    """
    request = pending(settings)
    if request is None or request.is_carried_out:
        return request
    sought = request.sought
    tombstones.add(settings, sought.each())
    request = _saved(settings, request.add(landed.erase_records(settings, sought)))
    request = _saved(settings, request.add(_from_the_desk(settings, sought)))
    request = _saved(settings, request.add(_from_set_aside(settings, sought)))
    hits = raw_files.find(sought)
    edited = raw_files.edit(hits, sought) if request.is_raw_edited else []
    request = request.add({"lines of data/raw": sum(len(hit.lines) for hit in edited)})
    request = request.model_copy(update={"left": [hit.in_words() for hit in hits if hit not in edited]})
    for name in _MADE_ANEW:
        if (path := settings.home / name).exists():
            durable.remove(path)
            request = request.add({name: 1})
    request = request.add(_from_texts(settings, sought))
    return _saved(settings, request.model_copy(update={"is_carried_out": True}))


def resume(settings: Settings) -> Iterator[str]:
    """Go on with an erasure that broke off; hold the run lock.

    Yields:
        What was done, one phrase each.
    """
    request = pending(settings)
    if request is not None and not request.is_carried_out:
        carry_out(settings)
        yield f"went on with the erasure of {described(request)}; it ends when a release is published"
    elif request is None and landed.waiting_folder(settings).exists():
        landed.finish(settings)
        durable.remove(landed.waiting_folder(settings))


def finish(settings: Settings, release_id: str) -> list[str]:
    """End an erasure, once a release without the records is published.

    Args:
        settings: Where everything stands.
        release_id: That release.

    Returns:
        What was removed, in words; nothing where no erasure is under way.
    """
    from pipeline.release.holding import retire_holders

    request = pending(settings)
    if request is None or not request.is_carried_out:
        return []
    gone = retire_holders(settings, request.sought, release_id)
    request = request.add({"releases": len(gone)})
    request = request.add(_from_the_desk(settings, request.sought))
    request = _saved(settings, request.add(_from_texts(settings, request.sought)))
    durable.remove(_path(settings))
    durable.sync(landed.waiting_folder(settings))
    durable.remove(landed.waiting_folder(settings))
    durable.sync(settings.home)
    counts = ", ".join(f"{count:,} {name}" for name, count in request.removed.items())
    return [f"erased {described(request)}: {counts or 'nothing was found'}"]


def _require_silent(reason: str, sought: Sought) -> None:
    if sought.in_prose().is_in(reason):
        raise UsageError("The reason stays in the ledger: name nothing in it that is to be erased.")


def described(request: Request) -> str:
    """How much is erased and why, without saying what."""
    return f"{len(request.sought.video_ids)} videos and {len(request.sought.reporter_ids)} reporters ({request.reason})"


def _from_the_desk(settings: Settings, sought: Sought) -> dict[str, int]:
    from review.store import Store

    if not (settings.desk / "desk.sqlite").exists() or not sought.video_ids:
        return {}
    return {"decisions at the desk": Store(settings.desk).erase(sought.video_ids)}


def _from_set_aside(settings: Settings, sought: Sought) -> dict[str, int]:
    held = list(set_aside_with(settings, sought))
    for path in held:
        durable.remove(path)
    return {"set aside": len(held)}


def _from_texts(settings: Settings, sought: Sought) -> dict[str, int]:
    """Take it out of the ledger's sentences, and remove dbt's files and logs that hold any of it."""
    sought = sought.in_prose()
    entries, changed = ledger.read(settings.ledger), 0
    for entry in entries:
        for name, value in entry.items():
            if isinstance(value, str) and sought.is_in(value):
                entry[name], changed = sought.without(value), changed + 1
    if changed:
        durable.replace_text(settings.ledger, "".join(f"{json.dumps(entry, sort_keys=True)}\n" for entry in entries))
        settings.ledger.chmod(0o600)
    removed = 0
    for path in sorted((settings.home / "dbt").rglob("*")):
        if path.is_file() and sought.is_in(path.read_bytes().decode("utf-8", "replace")):
            path.unlink()
            removed += 1
    return {"sentences of the ledger": changed, "files of dbt": removed}


def _saved(settings: Settings, request: Request) -> Request:
    _save(settings, request)
    return request


def _save(settings: Settings, request: Request) -> None:
    durable.replace_text(_path(settings), request.model_dump_json() + "\n")


def _path(settings: Settings) -> Path:
    return landed.waiting_folder(settings) / "request.json"
