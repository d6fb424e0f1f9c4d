"""The desk's store: leases, decisions, undo and batches, from many processes and through kills."""

import csv
import multiprocessing
import os
import random
import signal
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from review.store import LEASE_MINUTES, Seen, Store, checked_reviewer
from warehouse import contract
from warehouse.errors import DataError, UsageError, WarehouseError

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
SEEN = Seen("release-1")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "desk")


def delivered(files: list[Path]) -> list[dict[str, str]]:
    return [row for file in files for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())]


def test_two_reviewers_never_hold_the_same_case(store: Store) -> None:
    assert store.lease("ada", [1, 2, 3], NOW) == 1
    assert store.lease("ben", [1, 2, 3], NOW) == 2
    assert store.lease("ada", [1, 2, 3], NOW) == 1, "what she holds comes first"
    assert not store.take("ben", 1, NOW)
    with pytest.raises(DataError, match="another reviewer"):
        store.decide("ben", [1], "claim", SEEN, NOW)
    later = NOW + timedelta(minutes=LEASE_MINUTES)
    assert store.lease("ben", [1, 3], later) == 1, "a lease ends"


def test_what_is_decided_is_not_handed_out_again(store: Store) -> None:
    store.decide("ada", [1], "claim", SEEN, NOW)
    store.decide("ada", [2], "skipped", SEEN, NOW)
    assert store.lease("ben", [1, 2], NOW) == 2
    assert store.decided([1, 2, 3]) == {1}
    assert store.skipped_by("ada") == {2}


def test_an_unknown_decision_and_a_nameless_reviewer_are_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="claim, opinion or skipped, not 'maybe'"):
        store.decide("ada", [1], "maybe", SEEN)
    for name in ("", "  ", "a\x1bb", "x" * 81):
        with pytest.raises(UsageError, match="--reviewer"):
            checked_reviewer(name)
    assert checked_reviewer(" ada ") == "ada"


def test_a_batch_is_a_delivery_whose_bytes_never_change(store: Store) -> None:
    store.lease("ada", [1], NOW)
    store.decide("ada", [1], "claim", Seen("release-1", "audit", 0.05), NOW + timedelta(seconds=42))
    (first,) = store.deliveries()
    before = first.read_bytes()
    (row,) = delivered([first])
    assert (row["video_id"], row["decision"], row["review_sec"], row["lane"]) == ("1", "claim", "42", "audit")
    assert row["decided_at"] == "2026-11-26T09:00:42.000000+00:00"
    assert [*row] == [name for column in contract.feeds()["decisions"].columns for name in column.delivered_as]
    store.decide("ben", [2], "opinion", SEEN, NOW)
    first.unlink()  # as after a kill between closing the batch and writing it
    files = store.deliveries()
    assert [file.name for file in files] == ["decisions-000001.csv", "decisions-000002.csv"]
    assert files[0].read_bytes() == before
    assert store.deliveries() == files, "nothing new, no new batch"


def test_decisions_on_the_twin_never_land_beside_real_videos(store: Store) -> None:
    store.decide("ada", [1], "claim", SEEN, NOW)
    (synthetic,) = store.deliveries(is_synthetic=True)
    store.decide("ada", [2], "claim", SEEN, NOW)
    (real,) = store.deliveries(is_synthetic=False)
    assert store.deliveries(is_synthetic=True) == [synthetic]
    assert synthetic != real


def test_undo_before_and_after_a_decision_has_left(store: Store) -> None:
    assert store.undo("ada", NOW) is None
    store.decide("ada", [1], "claim", SEEN, NOW)
    undone = store.undo("ada", NOW)
    assert undone is not None
    assert undone.video_id == 1
    assert store.deliveries() == []
    (decision_id,) = store.decide("ada", [2], "opinion", SEEN, NOW)
    store.deliveries()
    assert store.undo("ada", NOW + timedelta(minutes=1)) is not None
    assert store.decided([2]) == set()
    rows = delivered(store.deliveries())
    assert [(row["decision_id"], row["decision"]) for row in rows] == [
        (decision_id, "opinion"),
        (decision_id, "skipped"),
    ]
    assert store.undo("ada", NOW) is None, "it is taken back once"


def test_the_desk_remembers_todays_decisions_and_switches(store: Store) -> None:
    store.decide("ada", [1], "claim", SEEN, NOW - timedelta(days=1))
    store.decide("ada", [2], "opinion", SEEN, NOW)
    assert [made.video_id for made in store.decisions_of("ada", NOW - timedelta(hours=1))] == [2]
    assert not store.is_on("ada", "score", default=False)
    store.switch("ada", "score", is_on=True)
    assert store.is_on("ada", "score", default=False)
    assert not store.is_on("ben", "score", default=False)


def test_the_store_is_its_owners_alone_and_damage_is_a_sentence(tmp_path: Path) -> None:
    Store(tmp_path / "desk")
    assert (tmp_path / "desk").stat().st_mode & 0o777 == 0o700
    file = tmp_path / "desk" / "desk.sqlite"
    assert file.stat().st_mode & 0o777 == 0o600
    for leftover in (tmp_path / "desk").glob("desk.sqlite-*"):
        leftover.unlink()
    file.write_bytes(b"no database at all, but long enough to be read as one" * 100)
    with pytest.raises(WarehouseError, match="damaged"):
        Store(tmp_path / "desk")


def _review(folder: Path, reviewer: str, said: Path) -> None:
    """Decide cases until none is left; what the call has answered is noted outside."""
    store = Store(folder)
    with said.open("a", encoding="utf-8", buffering=1) as notes:
        while (video_id := store.lease(reviewer, range(1, 81))) is not None:
            (decision_id,) = store.decide(reviewer, [video_id], "claim", SEEN)
            notes.write(f"{decision_id} {video_id}\n")


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_two_processes_kills_at_random_moments_each_decision_once(tmp_path: Path) -> None:
    folder, said = tmp_path / "desk", tmp_path / "said.txt"
    Store(folder)
    context = multiprocessing.get_context("spawn")
    chance, files = random.Random(1), []
    for _ in range(2):
        workers = [context.Process(target=_review, args=(folder, name, said)) for name in ("ada", "ben")]
        for worker in workers:
            worker.start()
        enough = len(_lines(said)) + chance.randint(5, 30)
        deadline = time.monotonic() + 60
        while len(_lines(said)) < enough and time.monotonic() < deadline:
            time.sleep(chance.uniform(0, 0.02))
        for worker in workers:
            assert worker.pid is not None
            os.kill(worker.pid, signal.SIGKILL)
            worker.join()
        with closing(sqlite3.connect(folder / "desk.sqlite")) as connection:  # no waiting for a killed one's lease
            connection.execute("delete from leases")
            connection.commit()
        files = Store(folder).deliveries()
    _review(folder, "cleo", said)
    rows = delivered(Store(folder).deliveries())
    assert sorted(int(row["video_id"]) for row in rows) == list(range(1, 81)), "each video once, none twice"
    answered = {line.split()[0] for line in _lines(said)}
    assert answered <= {row["decision_id"] for row in rows}, "what was answered is not lost"
    assert files
