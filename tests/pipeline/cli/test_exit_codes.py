"""What a command that failed says, and the code it ends with."""

import errno
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from pipeline.cli.exit_codes import exit_code
from pipeline.state import home, ledger
from warehouse.errors import DataError, UsageError, WarehouseError
from warehouse.settings import ROOT, Settings


@pytest.mark.parametrize(
    ("error", "code", "word"),
    [
        (SystemExit(2), 2, ""),
        (SystemExit(None), 0, ""),
        (KeyboardInterrupt(), 130, "interrupted"),
        (SystemExit(130), 130, "interrupted"),
        (DataError("three rows"), 1, "three rows"),
        (UsageError("no such file"), 2, "no such file"),
        (WarehouseError("held by 7"), 3, "held by 7"),
        (OSError(errno.ENOSPC, "No space left on device"), 3, "The disk is full"),
        (duckdb.IOException("Could not write: No space left on device"), 3, "The disk is full"),
        (MemoryError(), 3, "CLAIMS_MEMORY_LIMIT"),
        (duckdb.OutOfMemoryException("5 GB"), 3, "CLAIMS_MEMORY_LIMIT"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), 3, "CLAIMS_MEMORY_LIMIT"),
        (ImportError("rpds.so: failed to map segment from shared object"), 3, "CLAIMS_MEMORY_LIMIT"),
        (PermissionError(errno.EACCES, "denied"), 3, "claims doctor"),
        (OSError(errno.EROFS, "Read-only file system"), 3, "claims doctor"),
        (OSError(errno.EFBIG, "File too large"), 3, "ulimit -f"),
        (duckdb.CatalogException("Scalar Function with name nope does not exist"), 3, "An unexpected error"),
        (ZeroDivisionError("division by zero"), 3, "ZeroDivisionError: division by zero"),
    ],
)
def test_a_sentence_and_a_code(
    error: BaseException,
    code: int,
    word: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CLAIMS_HOME", str(tmp_path))
    home.prepare(Settings(home=tmp_path))
    assert exit_code(error) == code
    said = capsys.readouterr().err
    assert word in said
    assert "Traceback" not in said
    is_unexpected = code == 3 and not isinstance(error, WarehouseError)
    assert (tmp_path / "last-error.txt").exists() == is_unexpected


def test_a_missing_table_is_no_exception_of_the_engine(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(duckdb.CatalogException("Catalog Error: Table with name fct_videos does not exist!")) == 3
    said = capsys.readouterr().err
    assert "no table fct_videos here yet" in said
    assert "`claims run`" in said
    assert "Catalog" not in said


def test_nothing_is_written_into_a_folder_that_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMS_HOME", str(tmp_path))
    assert exit_code(ZeroDivisionError("x")) == 3
    assert not any(tmp_path.iterdir())


def test_details_on_demand(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CLAIMS_DEBUG", "1")
    assert exit_code(ZeroDivisionError("x")) == 3
    assert "ZeroDivisionError: x" in capsys.readouterr().err
    with pytest.raises(DataError) as refused:
        raise DataError("a refusal")
    assert exit_code(refused.value) == 1
    said = capsys.readouterr().err
    assert "test_exit_codes.py" in said
    assert said.endswith("a refusal\n")


def test_without_a_folder_to_write_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLAIMS_HOME", str(tmp_path / "none"))
    assert exit_code(ZeroDivisionError("x")) == 3
    assert "CLAIMS_DEBUG=1" in capsys.readouterr().err


def test_signals_end_a_command_with_a_word_a_code_and_a_ledger_line(tmp_path: Path) -> None:
    ended = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGQUIT: 131}
    processes = {}
    for number in ended:
        processes[number] = subprocess.Popen(
            [sys.executable, "-c", "from pipeline.cli.main import main; main()", "ingest"],
            cwd=ROOT,
            env={
                "CLAIMS_HOME": str(tmp_path / number.name),
                "CLAIMS_SYNTHETIC_ROWS": "2000000",
                "CLAIMS_THREADS": "1",
                "PATH": "/usr/bin:/bin",
            },
            stderr=subprocess.PIPE,
            text=True,
        )
    for number, process in processes.items():
        while not (tmp_path / number.name / "run.json").exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
    for number, process in processes.items():
        _, said = process.communicate(timeout=120)
        by = "" if number == signal.SIGINT else f" by {number.name}"
        assert (process.returncode, said) == (
            ended[number],
            f"claims: interrupted{by}. The published release is untouched; the next run clears up.\n",
        )
        entries = ledger.read(tmp_path / number.name / "ledger.jsonl")
        assert [(entry["step"], entry["status"]) for entry in entries] == [("ingest", "interrupted")]


def test_an_ignored_signal_stays_ignored_as_nohup_wants_it() -> None:
    code = (
        "import os, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from pipeline.state import signals; signals.listen(); os.kill(os.getpid(), signal.SIGHUP); print('alive')"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "alive\n")


def test_a_closed_terminal_changes_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("pipeline.cli.console.errors.print", fail)
    assert exit_code(DataError("no")) == 1


def test_a_limit_of_file_sizes_is_told(tmp_path: Path) -> None:
    ended = subprocess.run(
        ["sh", "-c", 'ulimit -f 64; exec "$0" -c "from pipeline.cli.main import main; main()" ingest', sys.executable],
        cwd=ROOT,
        env={"CLAIMS_HOME": str(tmp_path / "var"), "CLAIMS_SYNTHETIC_ROWS": "3000", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 3
    assert "ulimit -f" in ended.stderr
    assert "unexpected" not in ended.stderr
