"""Whole runs, killed at random times one after the other: each next run takes over what the last one left."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.release import switch
from pipeline.state import ledger
from tests.pipeline.release import faults
from warehouse.settings import ROOT

KILLS = 30
ROWS = 300


def _start(home: Path, number: int, log: Path) -> "subprocess.Popen[bytes]":
    resume = ["--resume"] if number % 3 == 2 else []
    with log.open("ab") as errors:
        return subprocess.Popen(
            [sys.executable, "-c", "from pipeline.cli.main import main; main()", "run", *resume],
            cwd=ROOT,
            env={
                "CLAIMS_HOME": str(home),
                "CLAIMS_SYNTHETIC_ROWS": str(ROWS),
                "CLAIMS_REPEATED_SPLITS": "2",
                "PATH": os.environ["PATH"],
            },
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )


@pytest.mark.slow
def test_kills_at_random_times_lose_nothing(tmp_path: Path) -> None:
    log = tmp_path / "stderr.txt"
    undisturbed, disturbed = faults.settings_of(tmp_path / "undisturbed"), faults.settings_of(tmp_path / "disturbed")
    began = time.monotonic()
    assert _start(undisturbed.home, 0, log).wait() == 0, log.read_text()
    longest_sec = time.monotonic() - began
    reference = faults.observe(undisturbed)
    chance = random.Random(20261121)
    killed = 0
    for number in range(KILLS):
        process = _start(disturbed.home, number, log)
        try:
            assert process.wait(timeout=chance.uniform(0.3, longest_sec)) == 0, log.read_text()
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
        if disturbed.current.exists():
            assert switch.verify(disturbed, None).tables == reference.current
        ledger.read(disturbed.ledger)
    assert _start(disturbed.home, 0, log).wait() == 0, log.read_text()
    assert faults.observe(disturbed) == reference
    assert list(faults.recovery.stale(disturbed)) == []
    statuses = [entry["status"] for entry in ledger.read(disturbed.ledger)]
    said = (
        f"{killed} of {KILLS} runs killed; {statuses.count('interrupted')} steps interrupted, "
        f"{statuses.count('skipped')} skipped, {statuses.count('done')} done"
    )
    print(said)  # noqa: T201 - shown with -rP
    assert killed >= KILLS // 3
