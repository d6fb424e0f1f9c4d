"""One run at a time; who holds what is said."""

import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.state import home, locks
from warehouse.duckdb_engine import connect_file
from warehouse.errors import WarehouseError
from warehouse.settings import ROOT, Settings

HOLD_RUN = """
import sys, time
from pathlib import Path
from pipeline.state import locks
from warehouse.settings import ROOT, Settings
settings = Settings(home=Path(sys.argv[1]))
with locks.only_run(settings):
    locks.write_note(settings, {"run_id": "r", "step_number": 1, "step": "train", "started_at": "2026-01-01T00:00:00Z"})
    print("held", flush=True)
    time.sleep(60)
"""
HOLD_FILE = """
import sys, time, duckdb
connection = duckdb.connect(sys.argv[1] + "/warehouse.duckdb")
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / 'it\'s "var"', lock_wait_sec=0.3)


def holder(program: str, settings: Settings) -> "subprocess.Popen[str]":
    home.prepare(settings)
    process = subprocess.Popen([sys.executable, "-c", program, str(settings.home)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def stop(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()


def test_a_second_run_learns_who_works(settings: Settings) -> None:
    process = holder(HOLD_RUN, settings)
    try:
        assert locks.is_run_active(settings)
        told = pytest.raises(WarehouseError, match=rf"Process {process.pid} \(-c .*at step train since 2026")
        with told, locks.only_run(settings):
            pytest.fail("two runs at once")
    finally:
        stop(process)
    assert not locks.is_run_active(settings)
    with locks.only_run(settings):  # a dead process holds nothing
        pass


def test_a_second_run_waits(settings: Settings) -> None:
    process = holder(HOLD_RUN, settings)
    patient = settings.model_copy(update={"lock_wait_sec": 30})
    release = multiprocessing.get_context("spawn").Process(target=_kill_soon, args=(process.pid,))
    release.start()
    with locks.only_run(patient):
        assert process.wait(timeout=5) == -9
    release.join()
    stop(process)


def _kill_soon(pid: int) -> None:
    time.sleep(0.5)
    os.kill(pid, 9)


def test_a_held_warehouse_names_the_holder(settings: Settings) -> None:
    process = holder(HOLD_FILE, settings)
    try:
        with pytest.raises(WarehouseError, match=rf"process {process.pid} \(.*python.*waited 0.3 s") as caught:
            connect_file(settings.warehouse_file, settings)
        assert caught.value.exit_code == 3
        assert str(settings.current / "claims.duckdb") in str(caught.value)
    finally:
        stop(process)
    connect_file(settings.warehouse_file, settings).close()


@pytest.mark.slow
def test_plain_dbt_waits_and_then_fails_with_its_own_code(built_warehouse: Settings, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var")
    shutil.copytree(built_warehouse.landing, settings.landing)
    command = [
        Path(sys.executable).with_name("dbt"),
        "build",
        "--project-dir",
        "dbt_project",
        "--select",
        "engagement_bins",
    ]
    environment = {"PATH": os.environ["PATH"], **settings.environment, "DBT_TARGET_PATH": str(tmp_path / "target")}
    process = holder(HOLD_FILE, settings)
    try:
        dbt = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    finally:
        stop(process)
    assert dbt.returncode == 2
    assert f"PID {process.pid}" in dbt.stdout
    dbt = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert dbt.returncode == 0, dbt.stdout
