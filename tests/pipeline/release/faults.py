"""Fault injection in the manner of SQLite: let the Nth boundary that a scenario reaches fail, and see what remains.

Boundaries are the calls by which state changes: file operations of `os`, opening a file to write, statements of
DuckDB, ledger lines and notes of a step. They are patched in a forked child only; the product holds no hook.
"""

import builtins
import errno
import io
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal, NamedTuple

import duckdb

from pipeline.job import recovery, runner, steps
from pipeline.landing.folder import landed_deliveries
from pipeline.landing.synthetic import write_synthetic
from pipeline.release import switch
from pipeline.release.build import Staged, copy_folder, stage_release
from pipeline.release.manifest import table_checksums
from pipeline.state import journal, ledger, locks
from warehouse import contract
from warehouse.duckdb_engine import connect_file
from warehouse.factory import open_engine
from warehouse.progress import Report
from warehouse.protocol import Engine
from warehouse.settings import Settings

Kind = Literal["exception", "kill", "full disk", "memory"]
KINDS: tuple[Kind, ...] = ("exception", "kill", "full disk", "memory")
ROWS = 300
# No process has such a number.
DEAD = 2**22 + 1
HALF_LANDED = "00009-0123456789ab"
SECOND = "synthetic/second.csv"

_FILE_CALLS = ("fsync", "rename", "replace", "symlink", "unlink", "mkdir", "rmdir", "chmod")


# As before the first training.
UNSCORED = (
    "delete from ml.claim_predictions",
    "delete from ml.model_runs",
    (
        "update marts.fct_claim_predictions set model_run_id = null, feature_set = 'unscored', "
        "claim_probability = 0.5, decision = 'needs_review', baseline_decision = null, is_out_of_fold = false"
    ),
    "update marts.fct_review_queue set model_run_id = null, feature_set = 'unscored', claim_probability = 0.5",
)


class InjectedError(RuntimeError):
    """A failure that nothing in the product expects."""


class Injector:
    """Counts the boundaries that are reached and fails at one of them; at none for number 0."""

    def __init__(self, kind: Kind, number: int) -> None:
        self.kind, self.number, self.reached = kind, number, 0

    def reach(self, *, is_engine: bool = False) -> None:
        self.reached += 1
        if self.reached != self.number:
            return
        if self.kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.kind == "exception":
            raise InjectedError(f"boundary {self.number}")
        if self.kind == "memory":
            raise duckdb.OutOfMemoryException("injected") if is_engine else MemoryError("injected")
        if is_engine:
            raise duckdb.IOException("Could not write file: No space left on device")
        raise OSError(errno.ENOSPC, "No space left on device")

    def install(self) -> None:
        for name in _FILE_CALLS:
            setattr(os, name, self._before(getattr(os, name)))
        for module in (builtins, io):
            module.open = self._around_open(module.open)
        for name in ("execute", "sql"):
            method = getattr(duckdb.DuckDBPyConnection, name)
            setattr(duckdb.DuckDBPyConnection, name, self._before(method, is_engine=True))
        ledger.append = self._before(ledger.append)
        locks.write_note = self._before(locks.write_note)

    def _before(self, function: Callable[..., Any], *, is_engine: bool = False) -> Callable[..., Any]:
        def failing(*arguments: Any, **named: Any) -> Any:
            self.reach(is_engine=is_engine)
            return function(*arguments, **named)

        return failing

    def _around_open(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Fail before a file is opened to write, and once it stands there empty."""

        def failing(file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
            if not set(mode) & set("wax+"):
                return function(file, mode, *arguments, **named)
            self.reach()
            opened = function(file, mode, *arguments, **named)
            try:
                self.reach()
            except BaseException:
                opened.close()
                raise
            return opened

        return failing


class State(NamedTuple):
    """What readers and the next run find."""

    current: dict[str, Any] | None
    """Checksums of the current release's tables."""
    warehouse: dict[str, Any]
    """Checksums of the working warehouse's public tables."""
    landed: tuple[str, ...]


def observe(settings: Settings) -> State:
    """Read everything; the current release has to verify."""
    current = switch.verify(settings, None).tables if settings.current.exists() else None
    with connect_file(settings.warehouse_file, settings, read_only=True) as connection:
        warehouse = table_checksums(connection)
    return State(current, warehouse, tuple(delivery.hash for delivery in landed_deliveries(settings)))


def settings_of(home: Path) -> Settings:
    return Settings(home=home, lock_wait_sec=5, releases_kept=2, threads=1)


def prepare(built: Settings, home: Path, *, is_scored: bool = False) -> Settings:
    """A small warehouse with two releases, whose results have changed since; a second delivery waits outside.

    Args:
        built: A warehouse after a whole run.
        home: Where its small copy goes.
        is_scored: Keep the models and what they wrote; loading them takes a second for each publish.
    """
    settings = settings_of(home)
    shutil.copytree(built.landing, settings.landing)
    # One model stands for all: every fault copies and hashes what stands here.
    settings.models.mkdir()
    for path in built.models.glob("*.*" if is_scored else "metadata.*"):
        shutil.copy(path, settings.models)
    shutil.copy(built.ledger, settings.ledger)
    shutil.copy(built.warehouse_file, settings.warehouse_file)
    with connect_file(settings.warehouse_file, settings) as connection:
        for statement in () if is_scored else UNSCORED:
            connection.execute(statement)
    for number in (1, 2):
        change_results(settings, number)
        run(settings, [PUBLISH])
    change_results(settings, 3)
    write_synthetic(home / SECOND, ROWS, seed=2)
    return settings


def change_results(settings: Settings, number: int) -> None:
    """Give the result table a content that tells which version it is."""
    with open_engine(settings) as engine:
        _write_results(engine, number)


def _write_results(engine: Engine, number: int) -> None:
    engine.write(
        contract.from_rows(
            [{"result_number": row, "question": "soak", "estimate": float(number)} for row in range(1, 51)],
            "statistical_results",
        ),
        "statistical_results",
    )


def publish(settings: Settings, _progress: Report) -> steps.Outcome:
    """The publish step with one small page in place of the report, which takes time and owns no state."""

    def add_page(staged: Staged) -> None:
        total = staged.engine.query(f"select count(*) as row_count from {contract.relation('fct_videos')}").to_pylist()
        (staged.folder / "report").mkdir()
        (staged.folder / "report" / "index.html").write_text(str(total))

    contents = (copy_folder(settings.models, "models"), add_page)
    return steps.Outcome(1, switch.publish(settings, stage_release(settings, contents)).name)


PUBLISH = runner.Step("publish", publish)


def run(settings: Settings, chosen: list[runner.Step]) -> None:
    runner.run_steps(settings, chosen, lambda _: lambda _: None, lambda _: None)


def _ingest(settings: Settings) -> None:
    run(settings, runner.main_job([settings.home / SECOND])[:1])


def _results(settings: Settings) -> None:
    def write(settings: Settings, _progress: Report) -> steps.Outcome:
        with open_engine(settings) as engine:
            _write_results(engine, 4)
            schema = contract.arrow_schema("statistical_results")
            relation = contract.relation("statistical_results")
            engine.map_batches(f"select * from {relation}", lambda batches: batches, schema, "statistical_results")
        return steps.Outcome(50, "")

    run(settings, [runner.Step("write results", write)])


def _publish(settings: Settings) -> None:
    run(settings, [PUBLISH])


def _rollback(settings: Settings) -> None:
    oldest = switch.list_releases(settings)[-1]
    runner.record(settings, "rollback", lambda *_: steps.Outcome(1, switch.rollback(settings, oldest)))


def _recovery(settings: Settings) -> None:
    run(settings, [])


def leave_a_broken_run(settings: Settings) -> None:
    """What a killed run leaves, all of it at once."""
    landing = journal.reserve(settings, "ingest")
    landing.mkdir()
    (landing / "landed_videos.parquet").write_bytes(b"half")
    staged = journal.reserve(settings, "release")
    (staged / "parquet").mkdir(parents=True)
    (staged / "claims.duckdb").write_bytes(b"half")
    journal.reserve(settings, "current", settings.home).symlink_to("releases/nowhere")
    journal.reserve(settings, "removed")  # killed before it made anything
    spill = settings.home / "spill" / str(DEAD)
    spill.mkdir(parents=True)
    (spill / f"duckdb_temp_{DEAD}_0_storage_S32K-0.tmp").write_bytes(b"x")
    (settings.landing / HALF_LANDED).mkdir()
    (settings.landing / HALF_LANDED / "landed_videos.parquet").write_bytes(b"half")
    # Killed while it was moved away.
    (settings.releases / switch.list_releases(settings)[-1]).chmod(0o755)
    locks.write_note(
        settings,
        {"run_id": "killed", "step_number": 3, "step": "audit", "started_at": ledger.now()} | {"pid": DEAD},
    )
    with settings.ledger.open("a") as file:
        file.write('{"run_id": "torn", "step_numb')


SCENARIOS: dict[str, Callable[[Settings], None]] = {
    "ingest": _ingest,
    "write results": _results,
    "publish": _publish,
    "rollback": _rollback,
    "recovery": _recovery,
}

CONTEXT = multiprocessing.get_context("forkserver")
# Each fork finds everything loaded, what steps and DuckDB import late and the tests' own main module included.
CONTEXT.set_forkserver_preload(
    [
        __name__,
        "pandas",
        "pipeline.landing.ingest",
        "pipeline.landing.report",
        "pipeline.landing.inputs",
        "pytest",
    ]
)


class Outcome(NamedTuple):
    """How a child ended."""

    has_failed: bool
    reached: int
    """Boundaries reached; 0 when the child was killed."""
    error: str


def attempt(settings: Settings, scenario: str, kind: Kind, number: int) -> Outcome:
    """Run a scenario in a child whose Nth boundary fails."""
    receiving, sending = CONTEXT.Pipe(duplex=False)
    child = CONTEXT.Process(target=_child, args=(settings.home, scenario, kind, number, sending))
    child.start()
    sending.close()
    try:
        outcome: Outcome = receiving.recv()
    except EOFError:
        outcome = Outcome(True, 0, "killed")
    child.join()
    assert outcome.error != "killed" or child.exitcode == -signal.SIGKILL, child.exitcode
    return outcome


def _child(home: Path, scenario: str, kind: Kind, number: int, sending: Connection) -> None:
    injector = Injector(kind, number)
    injector.install()
    try:
        SCENARIOS[scenario](settings_of(home))
    except BaseException as error:  # noqa: BLE001 - every way to fail is an outcome here
        sending.send(Outcome(True, injector.reached, f"{type(error).__name__}: {error}"))
    else:
        sending.send(Outcome(False, injector.reached, ""))


def check_invariants(settings: Settings, scenario: str, before: State, reference: State) -> None:
    """The current release is whole and old or new; the next run recovers by itself and ends where the reference did."""
    found = observe(settings)
    assert found.current in (before.current, reference.current)
    for name, checksum in found.warehouse.items():
        assert checksum in (before.warehouse[name], reference.warehouse[name]), name
    # The twin leaves before the first real delivery lands; between the two nothing has landed.
    assert found.landed in (before.landed, reference.landed, ())
    ledger.read(settings.ledger)
    SCENARIOS[scenario](settings)
    # A rollback takes no run lock and recovers nothing, so the next run has the last word.
    run(settings, [])
    assert list(recovery.stale(settings)) == []
    assert not locks.note_path(settings).exists()
    assert observe(settings) == reference
