"""Which files a command reads: arguments, then `TIKTOK_CSV`, then `data/raw/`, then the synthetic twin."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.landing.folder import (
    Delivery,
    landed_deliveries,
    lost_deliveries,
    set_aside_folder,
    stand_in_names,
    stand_in_of,
)
from pipeline.landing.reading.delivery_file import content_hash, display_name
from pipeline.landing.reading.dialect import NO_OPTIONS, NoTableError, recognise
from pipeline.landing.reading.formats import is_zip
from pipeline.landing.reading.options import Options
from pipeline.state import journal
from warehouse.errors import DataError, UsageError
from warehouse.settings import ROOT, Settings

RAW_FOLDER = ROOT / "data" / "raw"


class Inputs(NamedTuple):
    """The files of one invocation."""

    files: tuple[Path, ...]
    origin: str
    """How they were found, in words for the summary."""
    is_synthetic: bool
    passed_over: tuple[str, ...] = ()
    """What lies in `data/raw` and is no delivery, one phrase each."""


def find_inputs(arguments: Sequence[Path], settings: Settings, options: Options = NO_OPTIONS) -> Inputs:
    """Apply the precedence of inputs; writes the twin when it is needed and absent.

    Args:
        arguments: Files given on the command line.
        settings: Where the twin stands, its size and seed.
        options: What a person says about the files.

    Returns:
        The files; none where nothing new was found and deliveries have landed before, real ones or synthetic ones
        that somebody named.

    Raises:
        DataError: All that had landed was damaged, and nothing else is there.
        UsageError: A named file is missing, is a folder or cannot be read.
    """
    if arguments:
        return Inputs(tuple(_readable(path) for path in arguments), "named on the command line", is_synthetic=False)
    if named := os.environ.get("TIKTOK_CSV"):
        return Inputs((_readable(Path(named)),), "named by TIKTOK_CSV", is_synthetic=False)
    withdrawn = {delivery.hash: delivery for delivery in landed_deliveries(settings, is_withdrawn=True)}
    lying = sorted(path for path in RAW_FOLDER.glob("*") if not path.name.startswith("."))
    taken_back = {
        path: withdrawn[content]
        for path in lying
        if withdrawn and path.is_file() and (content := content_hash(path)) in withdrawn
    }
    dropped = [path for path in lying if path not in taken_back]
    strays = {path: what for path in dropped if (what := _stray(path, settings, options))}
    passed_over = tuple(f"passed over data/raw/{display_name(path)}, {what}" for path, what in strays.items())
    passed_over += tuple(
        f"passed over data/raw/{display_name(path)}, withdrawn as delivery {delivery.number}: name it to land it again"
        for path, delivery in taken_back.items()
    )
    passed_over += _changed_since(settings, lying)
    if files := tuple(_readable(path) for path in dropped if path not in strays):
        return Inputs(files, "found in data/raw", is_synthetic=False, passed_over=passed_over)
    found = _found_before(settings)
    return found._replace(passed_over=passed_over)


def _changed_since(settings: Settings, lying: Sequence[Path]) -> tuple[str, ...]:
    """Files that landed from the folder of deliveries and are gone from it, or say something else now."""
    by_name: dict[str, list[Delivery]] = {}
    for delivery in landed_deliveries(settings):
        if delivery.is_dropped:
            by_name.setdefault(delivery.file_name, []).append(delivery)
    here = {display_name(path): path for path in lying if path.is_file()}
    phrases = []
    for name, deliveries in by_name.items():
        newest = deliveries[-1]
        if name not in here:
            phrases.append(
                f"data/raw/{name} is gone; its rows stay until `claims withdraw {newest.number}` takes them back"
            )
        elif here[name].stat().st_size not in {delivery.byte_count for delivery in deliveries} or content_hash(
            here[name]
        ) not in {delivery.hash for delivery in deliveries}:
            phrases.append(
                f"data/raw/{name} was edited since it landed as delivery {newest.number}: it counts as another delivery"
            )
    return tuple(phrases)


def _stray(path: Path, settings: Settings, options: Options) -> str | None:
    """What lies in the folder of deliveries without being one; a table that only lacks something is no stray."""
    if path.is_dir():
        return "a folder"
    if is_zip(_readable(path)):
        return None
    try:
        recognise(_readable(path), settings, options)
    except NoTableError as error:
        return "no delivery" if error.matched_count <= 1 else None
    except DataError:
        return None
    return None


def _found_before(settings: Settings) -> Inputs:
    landed = landed_deliveries(settings)
    if not landed and (damaged := lost_deliveries(settings)):
        raise DataError(
            f"All that had landed was set aside and stands in {set_aside_folder(settings)}: {', '.join(damaged)}. "
            "Deliver it again, or remove that folder to start anew."
        )
    if not all(delivery.is_synthetic and stand_in_of(delivery.file_name) for delivery in landed):
        return Inputs((), "nothing new; the deliveries that have landed before", is_synthetic=False)
    return Inputs(_twin(settings), "synthetic twin, since no delivery was found", is_synthetic=True)


def _readable(path: Path) -> Path:
    if path.is_dir():
        raise UsageError(f"{path} is a folder. Name the files in it, or drop them into data/raw.")
    if not path.exists():
        raise UsageError(f"{path} does not exist. Check the name; deliveries may also stand in data/raw.")
    if not path.is_file():
        raise UsageError(f"{path} is no file but a device or a pipe. Name a file.")
    if not os.access(path, os.R_OK):
        raise UsageError(f"{path} cannot be read. Check its permissions.")
    return path


def _twin(settings: Settings) -> tuple[Path, ...]:
    from pipeline.landing.synthetic import Twin, write_feed

    rows, seed, folder = settings.synthetic_rows, settings.synthetic_seed, settings.home / "synthetic"
    files = {feed: folder / name for feed, name in stand_in_names(rows, seed).items()}
    if not all(path.exists() for path in files.values()):
        unfinished = journal.reserve(settings, "twin")
        unfinished.mkdir()
        # A tenth has just come in, so that there is something to review.
        twin = Twin(rows, seed, hold_labels=0.1, is_young=True)
        write_feed(twin, {feed: unfinished / path.name for feed, path in files.items()})
        folder.mkdir(exist_ok=True)
        for path in files.values():
            (unfinished / path.name).rename(path)
        unfinished.rmdir()
    return tuple(files.values())
