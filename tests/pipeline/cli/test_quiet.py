"""Offline and quiet: a whole run reaches for no network and prints nothing that is not ours."""

import contextlib
import shutil
import socket
import subprocess
import sys
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

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


class TracedRun(NamedTuple):
    """A whole run in a process of its own, and its sockets."""

    process: "subprocess.CompletedProcess[str]"
    sockets: list[str] | None
    """Calls of the system that opened one; None where nothing can trace them."""


def traced(program: str, arguments: list[str], environment: dict[str, str], trace: Path) -> TracedRun:
    """Run a Python program under strace, which sees what native code does too, and its child processes."""
    # --seccomp-bpf stops the program at the traced calls only.
    strace = ["strace", "--seccomp-bpf", "-f", "-qq", "-e", "trace=socket", "-e", "signal=none", "-o", str(trace)]
    can_trace = shutil.which("strace") is not None and subprocess.run([*strace, "true"], check=False).returncode == 0
    process = subprocess.run(
        [*(strace if can_trace else []), sys.executable, "-W", "default", "-c", program, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return TracedRun(process, trace.read_text().splitlines() if can_trace else None)


def network_sockets(run: TracedRun) -> list[str]:
    if run.sockets is None:
        pytest.skip("strace is not installed, or may not trace here")
    return [line for line in run.sockets if "AF_UNIX" not in line]


@pytest.fixture(scope="module")
def traced_run(tmp_path_factory: pytest.TempPathFactory) -> TracedRun:
    folder = tmp_path_factory.mktemp("quiet")
    environment = {
        "CLAIMS_HOME": str(folder / 'it\'s a "vår" (%41)'),
        "CLAIMS_SYNTHETIC_ROWS": "3000",
        "PATH": "/usr/bin:/bin",
    }
    return traced("from pipeline.cli.main import main; main()", ["run"], environment, folder / "trace")


@pytest.mark.slow
def test_a_run_prints_its_own_lines_only(traced_run: TracedRun) -> None:
    run = traced_run.process
    assert (run.returncode, run.stderr) == (0, "")
    before_findings, _, _ = run.stdout.partition("\n\n")
    # A step may show its progress on lines of its own.
    steps = [name for name, _ in groupby(line[:14].strip() for line in before_findings.splitlines())]
    assert steps == [
        "ingest", "build", "audit", "analyze", "train", "predict", "simulate", "build results", "audit results",
        "publish",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_run_opens_no_network_socket(traced_run: TracedRun) -> None:
    assert network_sockets(traced_run) == []


def test_the_trace_shows_a_network_socket(tmp_path: Path) -> None:
    run = traced("import socket; socket.socket(socket.AF_INET6)", [], {}, tmp_path / "trace")
    assert ["AF_INET6" in line for line in network_sockets(run)] == [True]


LEAVE_AFTER_SPARK = """
import multiprocessing, sys, types
from pipeline.cli.main import main
# As after a build on Spark: its package is loaded, and dbt holds a lock that processes may share.
sys.modules["pyspark"] = types.ModuleType("pyspark")
lock = multiprocessing.get_context("spawn").RLock()
sys.argv = ["claims", "--help"]
main()
"""


def test_nothing_is_reported_after_spark() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LEAVE_AFTER_SPARK], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
