"""After a broken run the next one starts clean, and touches nothing that is not ours."""

import json
import os
import shutil
from pathlib import Path

import duckdb
import pytest

from pipeline.job.recovery import recover, stale, unknown
from pipeline.release import switch
from pipeline.release.manifest import MANIFEST
from pipeline.state import home, journal, ledger, locks
from tests.pipeline.release import faults
from warehouse.duckdb_engine import connect_file, connect_for
from warehouse.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path / "var", lock_wait_sec=1)
    home.prepare(settings)
    settings.landing.mkdir()
    return settings


def release_of(settings: Settings, name: str) -> Path:
    release = settings.releases / name
    release.mkdir()
    (release / MANIFEST).write_text(json.dumps({"release_id": name}))
    return release


def test_nothing_to_do_says_nothing(settings: Settings) -> None:
    assert recover(settings, "run") == []
    assert not settings.ledger.exists()


def test_everything_a_broken_run_leaves_is_cleared(settings: Settings) -> None:
    whole = release_of(settings, "20260101T000000000000Z-whole")
    switch.switch(settings, whole.name)
    faults.leave_a_broken_run(settings)
    assert len(stale(settings)) == 5  # all of these but the permissions
    assert unknown(settings) == []
    done = recover(settings, "run")
    assert len(done) == 6
    assert stale(settings) == []
    assert switch.list_releases(settings) == [whole.name]
    assert settings.current.resolve() == whole
    # What was delivered is kept, only set aside.
    assert (settings.home / "set-aside" / faults.HALF_LANDED / "landed_videos.parquet").read_bytes() == b"half"
    interrupted, recovered = ledger.read(settings.ledger)
    assert (interrupted["run_id"], interrupted["status"], interrupted["step"]) == ("killed", "interrupted", "audit")
    assert (recovered["run_id"], recovered["step_number"], recovered["row_count"]) == ("run", 0, 6)
    assert recover(settings, "again") == []
    assert not journal.journal_path(settings).exists()


FOREIGN = (
    "work/thesis.docx",
    "work/project/main.py",
    "releases/v1.0/app.tar.gz",
    "releases/notes.txt",
    "spill/s",
    "landing/old/scan.pdf",
    "notes.txt",
)


def test_what_it_does_not_know_stays_and_is_listed(settings: Settings) -> None:
    whole = release_of(settings, "20260101T000000000000Z-whole")
    # A release whose manifest was lost is somebody's loss, not rubbish; one that was copied in bears another's name.
    lost = release_of(settings, "20250101T000000000000Z-lost")
    (lost / MANIFEST).unlink()
    (lost / "claims.duckdb").write_bytes(b"tables")
    copied = settings.releases / "copy"
    shutil.copytree(whole, copied)
    for name in FOREIGN:
        (settings.home / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.home / name).write_bytes(b"mine")
    (settings.landing / "landed_reports.parquet").touch()  # as dbt declares a feed without deliveries
    copied.chmod(0o755)
    recover(settings, "run")
    switch.retire(settings, whole)
    assert {name: (settings.home / name).read_bytes() for name in FOREIGN} == dict.fromkeys(FOREIGN, b"mine")
    assert (lost / "claims.duckdb").read_bytes() == b"tables"
    assert copied.stat().st_mode & 0o777 == 0o755
    assert [path.relative_to(settings.home).as_posix() for path in unknown(settings)] == [
        "landing/old", "notes.txt", "releases/20250101T000000000000Z-lost", "releases/copy", "releases/notes.txt",
        "releases/v1.0", "spill/s", "work/project", "work/thesis.docx",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["landing", "../outside-01234567", "/tmp/outside-01234567", "", 7, "work/release"])
def test_a_journal_that_was_tampered_with_removes_nothing(name: object, settings: Settings) -> None:
    settings.work.mkdir()
    (settings.work / "release").mkdir()
    (settings.home.parent / "outside-01234567").mkdir()
    journal.journal_path(settings).write_text(json.dumps({"path": name, "pid": faults.DEAD}) + "\n")
    assert recover(settings, "run") == []
    assert settings.landing.exists()
    assert (settings.work / "release").exists()
    assert (settings.home.parent / "outside-01234567").exists()


def test_the_unfinished_work_of_a_living_process_stays(settings: Settings) -> None:
    journal.reserve(settings, "mine").mkdir()
    theirs = journal.reserve(settings, "theirs")
    theirs.mkdir()
    entries = ledger.read(journal.journal_path(settings))
    lines = [json.dumps(entry | {"pid": os.getppid()} if "theirs" in entry["path"] else entry) for entry in entries]
    journal.journal_path(settings).write_text("\n".join(lines) + "\n")
    (done,) = recover(settings, "run")
    assert "work/mine-" in done
    assert theirs.exists()
    assert unknown(settings) == []


def test_a_killed_step_is_noted_once(settings: Settings) -> None:
    note = {"run_id": "killed", "step_number": 3, "step": "audit", "started_at": ledger.now()}
    for _ in range(2):  # the second time, recovery itself was killed before it removed the note
        locks.write_note(settings, note)
        recover(settings, "run")
    assert [entry["status"] for entry in ledger.read(settings.ledger)] == ["interrupted"]


@pytest.mark.parametrize("keep", [0, 100, 20_000], ids=["empty", "a piece of the header", "half"])
def test_a_warehouse_cut_short_is_set_aside(settings: Settings, keep: int) -> None:
    with connect_file(settings.warehouse_file, settings) as connection:
        connection.execute("create table numbers as from range(100000)")
    half = settings.warehouse_file.read_bytes()[:keep]
    for name in ("warehouse.duckdb", "warehouse.duckdb.2"):  # what was set aside before stays too
        settings.warehouse_file.write_bytes(half)
        (done,) = recover(settings, "run")
        assert "could not be opened, aside" in done
        assert not settings.warehouse_file.exists()
        assert (settings.home / "set-aside" / name).read_bytes() == half


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


def test_a_log_without_its_warehouse_is_set_aside(settings: Settings) -> None:
    wal = settings.warehouse_file.with_name("warehouse.duckdb.wal")
    wal.write_bytes(b"log")
    (done,) = recover(settings, "run")
    assert "without its warehouse" in done
    assert not wal.exists()
    assert (settings.home / "set-aside" / wal.name).read_bytes() == b"log"


def test_a_held_warehouse_is_not_taken_for_damaged(settings: Settings) -> None:
    from tests.pipeline.state.test_locks import HOLD_FILE, holder, stop

    process = holder(HOLD_FILE, settings)
    try:
        assert recover(settings, "run") == []
    finally:
        stop(process)
    assert settings.warehouse_file.exists()


def test_a_living_readers_spill_stays(settings: Settings) -> None:
    spill = settings.home / "spill"
    for pid in (os.getppid(), faults.DEAD):
        for folder in (spill, spill / str(pid)):  # plain dbt's, and one of ours
            folder.mkdir(exist_ok=True)
            (folder / f"duckdb_temp_{pid}_0_owner").touch()
    assert len(recover(settings, "run")) == 2
    assert {path.name for path in spill.iterdir()} == {str(os.getppid()), f"duckdb_temp_{os.getppid()}_0_owner"}
    assert unknown(settings) == []


def test_duckdb_names_its_spill_after_the_process(settings: Settings) -> None:
    """What recovery relies on; should DuckDB change it, its files would stay and be listed, not removed."""
    tight = settings.model_copy(update={"memory_limit": "60MB", "threads": 1})
    with connect_for(tight) as connection:
        connection.execute("create table numbers as select range, md5(range::varchar) as text from range(1500000)")
        connection.execute("select * from numbers order by text limit 1 offset 1499990").fetchall()
        assert list(settings.spill.glob(f"duckdb_temp_{os.getpid()}_*"))
    assert not settings.spill.exists()
