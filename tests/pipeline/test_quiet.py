"""Offline and quiet: a whole run reaches for no network and prints nothing that is not ours."""

import contextlib
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline import conftest
from warehouse.settings import ROOT, Settings


def test_a_whole_run_attempts_no_connection(built_warehouse: Settings) -> None:
    assert built_warehouse.current.exists()
    assert conftest.CONNECTIONS == []


def test_an_attempt_would_be_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "CONNECTIONS", [])
    with socket.socket() as client:
        client.settimeout(0.01)
        with contextlib.suppress(OSError):  # what comes of it depends on the machine
            client.connect(("192.0.2.1", 80))
    assert conftest.CONNECTIONS == ["socket.connect 192.0.2.1"]


@pytest.mark.slow
def test_a_run_prints_its_own_lines_only(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-W", "default", "-c", "from pipeline.cli import main; main()", "run"],
        cwd=ROOT,
        env={
            "CLAIMS_HOME": str(tmp_path / 'it\'s a "var" (%41)'),
            "CLAIMS_SYNTHETIC_ROWS": "3000",
            "PATH": "/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    steps = [line[:14].strip() for line in run.stdout.splitlines()[:9]]
    assert steps == [
        "ingest", "build", "audit", "analyze", "train", "predict", "build results", "audit results", "publish",
    ]  # fmt: skip
