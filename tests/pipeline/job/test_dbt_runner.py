"""What a person is told of a dbt run that ended badly; dbt itself is a stand-in here."""

import errno
import logging
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import dbt.cli.main
import pytest

from pipeline.job.dbt_runner import run_dbt
from warehouse.errors import DataError, WarehouseError
from warehouse.settings import Settings

Ending = Callable[..., None]


@pytest.fixture
def ends_with(monkeypatch: pytest.MonkeyPatch) -> Ending:
    """Let the next dbt run end so."""

    def ends_with(exception: BaseException | None = None, **messages: str) -> None:
        results = [
            SimpleNamespace(
                node=SimpleNamespace(name=name, resource_type="model"),
                status="error" if message else "success",
                message=message,
            )
            for name, message in messages.items()
        ]
        outcome = SimpleNamespace(
            success=exception is None and not any(messages.values()),
            exception=exception,
            result=SimpleNamespace(results=results),
        )
        runner = SimpleNamespace(invoke=lambda _: outcome)
        monkeypatch.setattr(dbt.cli.main, "dbtRunner", lambda **_: runner)

    return ends_with


def build(tmp_path: Path) -> int:
    return run_dbt(Settings(home=tmp_path / "var"), "build").model_count


def test_success_is_counted(ends_with: Ending, tmp_path: Path) -> None:
    ends_with(fct_videos="", agg_videos="")
    assert build(tmp_path) == 2


def test_a_failed_model_is_a_matter_of_the_data(ends_with: Ending, tmp_path: Path) -> None:
    ends_with(fct_videos="", agg_videos="Conversion Error: 'x'")
    with pytest.raises(DataError, match=r"found 1 failures:\n  agg_videos: Conversion Error"):
        build(tmp_path)


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ('IO Error: Could not write file "warehouse.duckdb": No space left on device', "The disk is full"),
        ("Out of Memory Error: could not allocate block of size 256.0 KiB", "CLAIMS_MEMORY_LIMIT"),
    ],
)
def test_a_model_that_the_machine_stopped_is_not(ends_with: Ending, tmp_path: Path, message: str, remedy: str) -> None:
    ends_with(agg_videos=message)
    with pytest.raises(WarehouseError, match=remedy) as caught:
        build(tmp_path)
    assert f"agg_videos: {message}" in str(caught.value)


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), MemoryError()]
)
def test_errors_of_the_machine_stay_what_they_are(ends_with: Ending, tmp_path: Path, error: BaseException) -> None:
    ends_with(error)
    with pytest.raises(type(error)):
        build(tmp_path)


def test_what_dbt_could_not_do_is_said(ends_with: Ending, tmp_path: Path) -> None:
    ends_with(RuntimeError("no profile"))
    with pytest.raises(WarehouseError, match="dbt build could not run: no profile"):
        build(tmp_path)


def test_the_log_is_closed_and_its_own_failure_stays_quiet(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logger = logging.Logger("file_log")  # noqa: LOG001 - a private one in place of that of dbt
    monkeypatch.setitem(logging.Logger.manager.loggerDict, "file_log", logger)

    def invoke(_: list[str]) -> SimpleNamespace:
        logger.addHandler(logging.FileHandler("/dev/full"))
        logger.error("x" * 100_000)
        return SimpleNamespace(success=True, exception=None, result=SimpleNamespace(results=[]))

    monkeypatch.setattr(dbt.cli.main, "dbtRunner", lambda **_: SimpleNamespace(invoke=invoke))
    assert build(tmp_path) == 0
    (handler,) = logger.handlers
    assert handler.stream is None
    assert capsys.readouterr().err == ""
    assert logging.raiseExceptions
