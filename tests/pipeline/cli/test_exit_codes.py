import errno
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from pipeline.cli.exit_codes import exit_code
from warehouse.errors import DataError, UsageError, WarehouseError
from warehouse.settings import ROOT


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
        (duckdb.CatalogException('Table with name "marts.fct_videos" does not exist'), 3, "`claims build`"),
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
    assert exit_code(error) == code
    said = capsys.readouterr().err
    assert word in said
    assert "Traceback" not in said
    is_unexpected = code == 3 and not isinstance(error, WarehouseError)
    assert (tmp_path / "last-error.txt").exists() == is_unexpected


def test_details_on_demand(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CLAIMS_DEBUG", "1")
    assert exit_code(ZeroDivisionError("x")) == 3
    assert "ZeroDivisionError: x" in capsys.readouterr().err


def test_without_a_folder_to_write_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLAIMS_HOME", str(tmp_path / "none"))
    assert exit_code(ZeroDivisionError("x")) == 3
    assert "CLAIMS_DEBUG=1" in capsys.readouterr().err


def test_ctrl_c_ends_a_command_with_130(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "from pipeline.cli.main import main; main()", "ingest"],
        cwd=ROOT,
        env={"CLAIMS_HOME": str(tmp_path / "var"), "CLAIMS_SYNTHETIC_ROWS": "2000000", "PATH": "/usr/bin:/bin"},
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (tmp_path / "var" / "run.json").exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (
        130,
        "claims: interrupted. The published release is untouched; the next run clears up.\n",
    )
