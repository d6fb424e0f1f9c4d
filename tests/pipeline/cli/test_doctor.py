"""`claims doctor`: every finding, and that it changes nothing."""

import grp
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import doctor
from pipeline.cli.main import app
from pipeline.release import switch
from pipeline.state import home, ledger, locks
from tests.pipeline.release import faults
from tests.pipeline.state.test_locks import HOLD_FILE, HOLD_RUN, holder, stop
from warehouse.duckdb_engine import connect_file
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def prepared(built_warehouse: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return faults.prepare(built_warehouse, tmp_path_factory.mktemp("doctor") / "var")


@pytest.fixture
def settings(prepared: Settings, tmp_path: Path) -> Settings:
    shutil.copytree(prepared.home, tmp_path / "var", symlinks=True)
    return faults.settings_of(tmp_path / "var")


def statuses(settings: Settings) -> dict[str, doctor.Finding]:
    return {finding.name: finding for finding in doctor.examine(settings)}


def test_a_healthy_warehouse_is_ok_throughout(settings: Settings) -> None:
    found = statuses(settings)
    assert {name: finding.status for name, finding in found.items()} == dict.fromkeys(
        [
            "versions", "requirements", "folder", "readers", "one disk", "disk", "run", "warehouse", "contract",
            "landing", "leftovers", "last run", "release",
        ],
        "ok",
    )  # fmt: skip


def test_before_the_first_run(tmp_path: Path) -> None:
    found = statuses(Settings(home=tmp_path / "none"))
    assert {name for name, finding in found.items() if finding.status == "warn"} == {
        "folder", "warehouse", "last run", "release",
    }  # fmt: skip
    assert not any(finding.status == "fail" for finding in found.values())
    assert not (tmp_path / "none").exists()


def test_what_claims_did_not_make_is_listed(settings: Settings) -> None:
    (settings.releases / "v1.0").mkdir()
    settings.work.mkdir(exist_ok=True)
    (settings.work / "thesis.docx").touch()
    finding = statuses(settings)["unknown"]
    assert (finding.status, finding.message) == (
        "warn",
        "not made by claims, and left alone: releases/v1.0, work/thesis.docx.",
    )


@pytest.mark.parametrize(("group", "status"), [(None, "ok"), (grp.getgrgid(os.getegid()).gr_name, "warn")])
def test_a_way_to_the_releases_that_is_closed(group: str | None, status: str, tmp_path: Path) -> None:
    own = Settings(home=tmp_path / "var", readers_group=group)
    home.prepare(own)
    tmp_path.chmod(0o700)
    finding = statuses(own)["readers"]
    assert (finding.status, f"{tmp_path} is closed" in finding.message) == (status, True)


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no second disk")
def test_a_home_across_two_disks(settings: Settings) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        settings.releases.rename(settings.home.parent / "releases")
        settings.releases.symlink_to(other)
        finding = statuses(settings)["one disk"]
    assert (finding.status, "releases of" in finding.message) == ("fail", True)


def test_every_finding_that_is_not_ok_has_a_remedy(settings: Settings) -> None:
    faults.leave_a_broken_run(settings)
    with connect_file(settings.warehouse_file, settings) as connection:
        connection.execute("alter table quality.reconciliation rename column record_count to records")
        connection.execute("drop table quality.rejected_rows")
    table = settings.current.resolve() / "parquet" / "fct_videos.parquet"
    table.chmod(0o644)
    table.write_bytes(b"half")
    found = statuses(settings)
    assert found["leftovers"].status == "warn"
    assert "work/release-" in found["leftovers"].message
    assert "quality.rejected_rows is missing" in found["contract"].message
    assert "quality.reconciliation.records is bigint, in the code not declared" in found["contract"].message
    assert "audit broke off" in found["last run"].message
    assert found["release"].status == "fail"
    assert "fct_videos.parquet" in found["release"].message
    for finding in found.values():
        assert finding.status == "ok" or "`claims " in finding.message + finding.remedy


def test_a_failed_step_is_told_and_a_refused_rollback_is_not(settings: Settings) -> None:
    step = {"run_id": "last", "step_number": 5, "step": "train", "started_at": ledger.now()}
    locks.write_note(settings, step)  # it stays after a failure, too
    ledger.append(settings.ledger, {**step, "status": "failed", "error": "DataError: no."})
    ledger.append(settings.ledger, {"step": "rollback", "status": "failed", "error": "UsageError: no such release"})
    finding = statuses(settings)["last run"]
    assert (finding.status, finding.message.count("DataError: no."), finding.message[-2:]) == ("warn", 1, "o.")
    assert "claims run --resume" in finding.remedy


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can mount")
def test_a_read_only_disk(settings: Settings) -> None:
    def mount(*arguments: str) -> None:
        if subprocess.run(["mount", *arguments, str(settings.home)], capture_output=True, check=False).returncode:
            pytest.skip("this account may not mount")

    mount("--bind", str(settings.home))
    try:
        mount("-o", "remount,bind,ro")
        found = statuses(settings)
    finally:
        subprocess.run(["umount", str(settings.home)], check=True)
    assert {name for name, finding in found.items() if finding.status != "ok"} == {"folder"}
    assert found["folder"].status == "fail"
    assert str(settings.ledger) in found["folder"].message


def test_it_answers_while_others_work(settings: Settings) -> None:
    for program, name in ((HOLD_RUN, "run"), (HOLD_FILE, "warehouse")):
        process = holder(program, settings)
        try:
            found = statuses(settings)
        finally:
            stop(process)
        assert found[name].status == "warn"
        assert f"rocess {process.pid}" in found[name].message


def test_a_damaged_warehouse_and_a_full_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.warehouse_file.write_bytes(b"none")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1))
    found = statuses(settings)
    assert (found["warehouse"].status, found["disk"].status) == ("fail", "warn")
    assert "claims run" in found["warehouse"].remedy
    assert "claims doctor" not in found["warehouse"].message


@pytest.mark.parametrize(("damage", "code"), [(False, 0), (True, 3)])
def test_the_command(damage: bool, code: int, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMS_HOME", str(settings.home))
    if damage:
        settings.warehouse_file.write_bytes(b"none")
    before = sorted(os.walk(settings.home))
    result = CliRunner().invoke(app, ["doctor", "--json"])
    assert result.exit_code == code
    assert {finding["status"] for finding in json.loads(result.output)} == ({"ok", "fail"} if damage else {"ok"})
    assert sorted(os.walk(settings.home)) == before
    assert switch.current_release(settings)


def test_old_releases_and_an_erasure_under_way_are_told(settings: Settings) -> None:
    assert "retention" not in statuses(settings)
    aged = settings.model_copy(update={"releases_kept_days": 1})
    assert statuses(aged)["retention"].status == "ok"
    (settings.releases / "20200101T000000Z-old").mkdir()
    (settings.releases / "20200101T000000Z-old" / "manifest.json").write_text('{"release_id": "20200101T000000Z-old"}')
    found = statuses(aged)["retention"]
    assert (found.status, found.remedy) == ("warn", "The next publish removes them.")
    assert "older than 1 days: 20200101T000000Z-old" in found.message
    (settings.home / "erasing").mkdir()
    assert statuses(settings)["erasure"].remedy == "Run `claims run`."
