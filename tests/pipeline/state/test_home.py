"""Whose folder the home is: made, taken over, or refused before a byte is touched."""

import grp
import json
import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from pipeline.job.runner import record, run_steps
from pipeline.job.step import Outcome
from pipeline.state import home, ledger, locks
from warehouse.errors import UsageError, WarehouseError
from warehouse.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "var", lock_wait_sec=1)


def tree(folder: Path) -> list[tuple[str, int, float]]:
    return sorted((str(path), path.lstat().st_mode, path.lstat().st_mtime) for path in [folder, *folder.rglob("*")])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def empty_run(settings: Settings) -> list[str]:
    said: list[str] = []
    run_steps(settings, [], lambda _: lambda _: None, lambda result: said.append(result.outcome.detail))
    return said


@pytest.mark.parametrize("before", ["absent", "empty", "linted", "empty folders"])
def test_an_unused_folder_is_made_a_home(before: str, settings: Settings) -> None:
    if before != "absent":
        settings.home.mkdir()
    if before == "linted":
        (settings.home / "dbt" / "lint").mkdir(parents=True)
    if before == "empty folders":
        (settings.home / "landing").mkdir()
    assert home.prepare(settings) == []
    marker = json.loads((settings.home / home.MARKER).read_text())
    assert marker["format_version"] == home.FORMAT_VERSION
    assert re.fullmatch(r"\d+\.\d+\.\d+\+[0-9a-f]{8}", marker["created_by"])
    assert home.prepare(settings) == []


FOREIGN = ("work/thesis.docx", "releases/v1.0/app.tar.gz", "releases/notes.txt", "spill/s", "warehouse.duckdb")


@pytest.mark.parametrize("name", [*FOREIGN, "ledger.jsonl", "landing/a/landed_deliveries.parquet", "dbt/models/a.sql"])
def test_somebody_elses_folder_is_refused_before_a_byte_is_touched(name: str, settings: Settings) -> None:
    (settings.home / name).parent.mkdir(parents=True)
    (settings.home / name).write_bytes(b'{"mine": true}\n')
    before = tree(settings.home)
    for touch in (
        lambda: empty_run(settings),
        lambda: record(settings, "rollback", lambda *_: Outcome(1, "")),
        lambda: locks.only_switch(settings).__enter__(),
    ):
        with pytest.raises(WarehouseError, match=r"not a folder of claims.*nothing in it was touched.*CLAIMS_HOME"):
            touch()
    assert tree(settings.home) == before


def _release(folder: Path) -> None:
    (folder / "releases" / "old").mkdir(parents=True)
    (folder / "releases" / "old" / "manifest.json").write_text('{"release_id": "old"}')


def _delivery(folder: Path) -> None:
    (folder / "landing" / "00001-0123456789ab").mkdir(parents=True)
    rows = pa.table({"delivery_number": [1], "delivery_hash": ["0123"]})
    parquet.write_table(rows, folder / "landing" / "00001-0123456789ab" / "landed_deliveries.parquet")


def _ledger(folder: Path) -> None:
    ledger.append(folder / "ledger.jsonl", {"run_id": "r", "step": "ingest", "status": "done"})


@pytest.mark.parametrize("fill", [_release, _delivery, _ledger])
def test_an_earlier_versions_home_is_migrated_once_and_said(fill: object, settings: Settings) -> None:
    settings.home.mkdir()
    fill(settings.home)  # type: ignore[operator]
    (settings.home / "work").mkdir(exist_ok=True)
    (settings.home / "work" / "thesis.docx").write_bytes(b"mine")
    said = empty_run(settings)
    assert "earlier version" in said[0]
    assert "earlier version" in ledger.read(settings.ledger)[-1]["detail"]
    assert not any("earlier version" in line for line in empty_run(settings))
    assert (settings.home / "work" / "thesis.docx").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('{"format_version": 2, "created_by": "9.0.0+abc"}', "format 2, made by claims 9.0.0"),
        ("", "damaged"),
        ("[]", "damaged"),
    ],
)
def test_a_newer_or_damaged_home_is_refused(text: str, word: str, settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / home.MARKER).write_text(text)
    before = tree(settings.home)
    with pytest.raises(WarehouseError, match=word):
        empty_run(settings)
    assert tree(settings.home) == before


@pytest.mark.parametrize("umask", [0o077, 0o022, 0o000])
def test_private_things_are_closed_and_releases_open_whatever_the_umask(umask: int, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "srv" / "var")
    before = os.umask(umask)
    try:
        empty_run(settings)
        record(settings, "rollback", lambda *_: Outcome(1, ""))
        with locks.only_run(settings):
            locks.write_note(settings, {"run_id": "r", "step": "s"})
            (settings.landing / "00001").mkdir(parents=True)
            settings.warehouse_file.touch()
    finally:
        os.umask(before)
    for folder in (tmp_path / "srv", settings.home, settings.releases):
        assert mode(folder) == 0o755, folder
    for path in (settings.ledger, settings.warehouse_file, settings.home / "run.lock", locks.note_path(settings)):
        assert mode(path) == 0o600, path
    for folder in (settings.landing, settings.home / "spill"):
        assert mode(folder) == 0o700, folder


def test_what_an_earlier_version_or_plain_dbt_left_open_is_closed(settings: Settings) -> None:
    empty_run(settings)
    names = ("run.lock", "switch.lock", "warehouse.duckdb", "identity.key", "erased.key", "erased.json")
    for name in names:
        (settings.home / name).touch()
        (settings.home / name).chmod(0o644)
    settings.landing.mkdir(mode=0o755)
    home.prepare(settings)
    assert {mode(settings.home / name) for name in names} == {0o600}
    assert mode(settings.landing) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser may give a folder to any group")
def test_a_group_of_readers(tmp_path: Path) -> None:
    group = grp.getgrall()[-1]
    settings = Settings(home=tmp_path / "var", readers_group=group.gr_name)
    home.prepare(settings)
    for folder in (settings.home, settings.releases):
        assert (mode(folder), folder.stat().st_gid) == (0o750, group.gr_gid)


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no second disk")
@pytest.mark.parametrize("name", ["releases", "landing", "work"])
def test_a_folder_on_another_disk_is_told_first(name: str, settings: Settings) -> None:
    empty_run(settings)
    assert home.on_other_disks(settings) == []
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        if (settings.home / name).exists():
            (settings.home / name).rmdir()
        (settings.home / name).symlink_to(other)
        before = tree(settings.home)
        with pytest.raises(WarehouseError, match=f"^{name} of .* stands on another disk"):
            empty_run(settings)
        assert tree(settings.home) == before
        assert not any(Path(other).iterdir())


def test_a_group_that_does_not_exist(settings: Settings) -> None:
    with pytest.raises(UsageError, match=r"CLAIMS_READERS_GROUP.*no group 'nobody-here'"):
        home.prepare(settings.model_copy(update={"readers_group": "nobody-here"}))
    assert not settings.home.exists()


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("flock") is None, reason="needs a second account and flock")
def test_another_account_cannot_hold_the_run_lock(settings: Settings) -> None:
    import subprocess

    empty_run(settings)
    for folder in (settings.home, *list(settings.home.parents)[:4]):
        folder.chmod(0o755)
    command = ["flock", "--nonblock", str(settings.home / "run.lock"), "true"]
    held = subprocess.run(command, user=65534, group=65534, capture_output=True, text=True, check=False)
    assert held.returncode != 0
    assert "ermission" in held.stderr
