"""The steps in order, their ledger lines, and how a run is resumed."""

import threading
from pathlib import Path
from typing import Any

import pytest

from pipeline.job import resume, runner
from pipeline.job.step import Outcome, StepResult
from pipeline.state import home, ledger, locks
from warehouse.duckdb_engine import connect_file
from warehouse.errors import DataError, UsageError, WarehouseError
from warehouse.progress import Report
from warehouse.settings import Settings, code_version


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "var", lock_wait_sec=0.2)


class Steps:
    """Four steps that note that they ran; each may be made to fail or to lose its output."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.lost: set[str] = set()
        self.failing: dict[str, BaseException] = {}

    def chain(self) -> list[runner.Step]:
        return [
            runner.Step("ingest", self._action("ingest")),
            *(
                runner.Step(name, self._action(name), lambda _, name=name: name not in self.lost)
                for name in ("build", "train", "publish")
            ),
        ]

    def _action(self, name: str) -> runner.Action:
        def run(_settings: Settings, _progress: Report) -> Outcome:
            self.ran.append(name)
            if name in self.failing:
                raise self.failing[name]
            return Outcome(1, f"{name} is done")

        return run


def run(settings: Settings, steps: Steps, *, is_resumed: bool = False) -> list[str]:
    """Run the job; returns the steps that did something."""
    steps.ran.clear()
    runner.run_steps(settings, steps.chain(), lambda _: lambda _: None, lambda _: None, is_resumed=is_resumed)
    return list(steps.ran)


def test_a_resumed_run_repeats_nothing_that_is_finished(settings: Settings) -> None:
    steps = Steps()
    steps.failing["train"] = DataError("too few rows")
    with pytest.raises(DataError):
        run(settings, steps)
    assert steps.ran == ["ingest", "build", "train"]
    steps.failing.clear()
    assert run(settings, steps, is_resumed=True) == ["ingest", "train", "publish"]
    assert run(settings, steps, is_resumed=True) == ["ingest"]
    assert run(settings, steps) == ["ingest", "build", "train", "publish"]
    statuses = [(entry["step"], entry["status"]) for entry in ledger.read(settings.ledger)]
    assert statuses[:7] == [
        ("ingest", "done"), ("build", "done"), ("train", "failed"),
        ("ingest", "done"), ("build", "skipped"), ("train", "done"), ("publish", "done"),
    ]  # fmt: skip


@pytest.mark.parametrize("change", ["code", "a setting", "a delivery", "a lost output", "a killed later try"])
def test_a_change_repeats_what_rests_on_it(change: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps()
    run(settings, steps)
    repeated = ["ingest", "build", "train", "publish"]
    if change == "code":
        monkeypatch.setattr(resume, "code_version", lambda *_: "9.9")
    elif change == "a setting":
        settings = settings.model_copy(update={"audit_sample_rows": 7})
    elif change == "a delivery":
        monkeypatch.setattr(runner, "_input_hashes", lambda _: ["another"])
    elif change == "a lost output":
        steps.lost.add("train")
        repeated = ["ingest", "train", "publish"]
    else:
        steps.failing["train"] = KeyboardInterrupt()
        with pytest.raises(KeyboardInterrupt):
            run(settings, steps)
        steps.failing.clear()
        repeated = ["ingest", "train", "publish"]
    assert run(settings, steps, is_resumed=True) == repeated


def test_settings_without_influence_repeat_nothing(settings: Settings) -> None:
    steps = Steps()
    run(settings, steps)
    settings = settings.model_copy(update={"threads": 1, "memory_limit": "1GB", "releases_kept": 2})
    assert run(settings, steps, is_resumed=True) == ["ingest"]


def test_a_killed_step_is_not_taken_for_finished(settings: Settings) -> None:
    steps = Steps()
    run(settings, steps)
    locks.write_note(settings, {"run_id": "k", "step_number": 3, "step": "train", "started_at": ledger.now()})
    assert run(settings, steps, is_resumed=True) == ["ingest", "train", "publish"]


@pytest.mark.parametrize(
    ("error", "status"),
    [(DataError("no"), "failed"), (KeyboardInterrupt(), "interrupted"), (MemoryError(), "failed")],
)
def test_a_failed_step_leaves_a_line_and_no_lock(error: BaseException, status: str, settings: Settings) -> None:
    steps = Steps()
    steps.failing["build"] = error
    with pytest.raises(type(error)):
        run(settings, steps)
    last = ledger.read(settings.ledger)[-1]
    assert (last["step"], last["status"]) == ("build", status)
    assert last["error"].startswith(type(error).__name__)
    assert not locks.is_run_active(settings)


def test_the_versions_of_two_rooms_differ() -> None:
    assert code_version() != code_version(("reports",))


def test_peak_memory_sees_what_is_gone_at_the_end() -> None:
    from pipeline.job.peak_memory import INTERVAL_SEC, PeakMemory

    with PeakMemory() as small:
        pass
    with PeakMemory() as large:
        block = bytearray(200_000_000)
        block[::4096] = b"x" * len(block[::4096])
        threading.Event().wait(3 * INTERVAL_SEC)
        del block
    assert large.byte_count > small.byte_count + 150_000_000


def test_a_wrong_call_is_no_run_that_failed(settings: Settings) -> None:
    steps = Steps()
    steps.failing["ingest"] = UsageError("no.csv does not exist.")
    with pytest.raises(UsageError):
        run(settings, steps)
    assert run(settings, steps=Steps()) == ["ingest", "build", "train", "publish"]
    assert {entry["status"] for entry in ledger.read(settings.ledger)} == {"done"}


def write(settings: Settings, value: int) -> None:
    """Change the working warehouse, as a plain `dbt build` does."""
    home.prepare(settings)
    with connect_file(settings.warehouse_file, settings) as connection:
        connection.execute(f"create or replace table content as select {value} as value")


def test_a_warehouse_that_changes_between_two_steps_is_noticed(settings: Settings) -> None:
    steps = Steps()
    write(settings, 1)

    def slip_in(result: StepResult) -> None:
        if result.name == "train":
            write(settings, 2)

    with pytest.raises(WarehouseError, match="changed by another program between train and publish"):
        runner.run_steps(settings, steps.chain(), lambda _: lambda _: None, slip_in)
    assert steps.ran == ["ingest", "build", "train"]
    # What reads it only changes nothing.
    run(settings, steps)
    connect_file(settings.warehouse_file, settings).close()
    assert run(settings, steps, is_resumed=True) == ["ingest"]


def test_a_resumed_run_trusts_no_warehouse_that_was_changed(settings: Settings) -> None:
    steps = Steps()
    write(settings, 1)
    run(settings, steps)
    write(settings, 2)
    # Neither a rollback nor a step of its own makes up for what came between.
    runner.record(settings, "rollback", lambda *_: Outcome(1, ""))
    runner.run_steps(settings, [runner.Step("audit", lambda *_: Outcome(1, ""))], lambda _: print, print)
    assert run(settings, steps, is_resumed=True) == ["ingest", "build", "train", "publish"]
    runner.record(settings, "rollback", lambda *_: Outcome(1, ""))
    assert run(settings, steps, is_resumed=True) == ["ingest"]


def test_a_signal_while_the_note_is_written_leaves_a_line(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    write = locks.write_note

    def interrupted(*arguments: Any) -> None:
        write(*arguments)  # it stands there, and its folder is not on the disk yet
        raise KeyboardInterrupt

    monkeypatch.setattr(locks, "write_note", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(settings, Steps())
    assert [(entry["step"], entry["status"]) for entry in ledger.read(settings.ledger)] == [("ingest", "interrupted")]
