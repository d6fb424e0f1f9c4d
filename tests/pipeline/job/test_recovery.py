from pathlib import Path

import duckdb
import pytest

from pipeline.job.recovery import recover, stale
from pipeline.release import switch
from pipeline.release.manifest import MANIFEST
from pipeline.state import ledger, locks
from tests.pipeline.release import faults
from warehouse.duckdb_engine import connect_file
from warehouse.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path / "var", lock_wait_sec=1)
    for folder in (settings.landing, settings.work, settings.releases):
        folder.mkdir(parents=True)
    return settings


def test_nothing_to_do_says_nothing(settings: Settings) -> None:
    assert recover(settings, "run") == []
    assert not settings.ledger.exists()


def test_everything_a_broken_run_leaves_is_cleared(settings: Settings) -> None:
    whole = settings.releases / "20260101T000000000000Z-whole"
    whole.mkdir()
    (whole / MANIFEST).write_text("{}")
    switch.switch(settings, whole.name)
    faults.leave_a_broken_run(settings)
    found = stale(settings)
    done = recover(settings, "run")
    assert len(done) == 8
    assert len(found) == 6  # all of these but the switch and the permissions
    assert list(stale(settings)) == []
    assert switch.list_releases(settings) == [whole.name]
    assert settings.current.resolve() == whole
    # What was delivered is kept, only set aside.
    assert (settings.home / "set-aside" / "00009-half" / "landed_videos.parquet").read_bytes() == b"half"
    interrupted, recovered = ledger.read(settings.ledger)
    assert (interrupted["run_id"], interrupted["status"], interrupted["step"]) == ("killed", "interrupted", "audit")
    assert (recovered["run_id"], recovered["step_number"], recovered["row_count"]) == ("run", 0, 8)
    assert recover(settings, "again") == []


def test_a_killed_step_is_noted_once(settings: Settings) -> None:
    note = {"run_id": "killed", "step_number": 3, "step": "audit", "started_at": ledger.now()}
    for _ in range(2):  # the second time, recovery itself was killed before it removed the note
        locks.write_note(settings, note)
        recover(settings, "run")
    assert [entry["status"] for entry in ledger.read(settings.ledger)] == ["interrupted"]


@pytest.mark.parametrize("keep", [0, 100, 20_000], ids=["empty", "a piece of the header", "half"])
def test_a_warehouse_cut_short_is_removed(settings: Settings, keep: int) -> None:
    with connect_file(settings.warehouse_file, settings) as connection:
        connection.execute("create table numbers as from range(100000)")
    settings.warehouse_file.write_bytes(settings.warehouse_file.read_bytes()[:keep])
    (done,) = recover(settings, "run")
    assert "could not be opened" in done
    assert not settings.warehouse_file.exists()


def test_committed_work_in_the_log_is_kept(settings: Settings) -> None:
    connection = duckdb.connect(str(settings.warehouse_file))
    connection.execute("create table numbers as from range(10)")
    wal = settings.warehouse_file.with_name("warehouse.duckdb.wal")
    file, log = settings.warehouse_file.read_bytes(), wal.read_bytes()
    connection.close()
    settings.warehouse_file.write_bytes(file)
    wal.write_bytes(log)
    assert recover(settings, "run") == []
    with connect_file(settings.warehouse_file, settings) as connection:
        assert connection.execute("select count(*) from numbers").fetchall() == [(10,)]


def test_a_log_without_its_warehouse_is_removed(settings: Settings) -> None:
    wal = settings.warehouse_file.with_name("warehouse.duckdb.wal")
    wal.write_bytes(b"log")
    (done,) = recover(settings, "run")
    assert "without its warehouse" in done
    assert not wal.exists()


def test_a_held_warehouse_is_not_taken_for_damaged(settings: Settings) -> None:
    from tests.pipeline.state.test_locks import HOLD_FILE, holder, stop

    process = holder(HOLD_FILE, settings)
    try:
        assert recover(settings, "run") == []
    finally:
        stop(process)
    assert settings.warehouse_file.exists()


def test_a_living_readers_spill_stays(settings: Settings) -> None:
    import os

    mine = settings.home / "spill" / f"reader-{os.getpid()}"
    dead = settings.home / "spill" / f"reader-{2**22 + 1}"
    mine.mkdir(parents=True)
    dead.mkdir()
    recover(settings, "run")
    assert mine.exists()
    assert not dead.exists()
