"""The main job as a readable list of steps, with a ledger line for each."""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from pipeline import ledger, steps
from pipeline.steps import Outcome, Report
from warehouse.errors import WarehouseError
from warehouse.settings import Settings, code_version

Action = Callable[[Settings, Report], Outcome]


class Step(NamedTuple):
    """One step of the main job."""

    name: str
    action: Action


class StepResult(NamedTuple):
    """A finished step."""

    name: str
    seconds: float
    outcome: Outcome


def main_job(files: Sequence[Path]) -> list[Step]:
    """The main job, in order."""
    return [
        Step("ingest", lambda settings, progress: steps.ingest(settings, files, progress)),
        Step("build", steps.build_marts),
        Step("audit", steps.audit_incoming),
        Step("analyze", steps.analyze),
        Step("train", steps.train),
        Step("predict", steps.predict),
        Step("build results", steps.build_results),
        Step("audit results", steps.audit_outgoing),
        Step("publish", steps.publish),
    ]


def run_steps(
    settings: Settings,
    job: Sequence[Step],
    on_start: Callable[[str], Report],
    on_end: Callable[[StepResult], None],
) -> list[StepResult]:
    """Run steps one after the other, alone on the working warehouse.

    Args:
        settings: Where everything stands.
        job: The steps.
        on_start: Called with a step's name; returns where its progress goes.
        on_end: Called with each finished step.

    Returns:
        The finished steps.

    Raises:
        ClaimsError: A step failed; nothing later ran and nothing was published.
    """
    run_id = uuid.uuid4().hex[:12]
    results = []
    with only_run(settings):
        for step in job:
            started_at, clock = datetime.now(UTC), time.perf_counter()
            entry = {
                "run_id": run_id,
                "step": step.name,
                "started_at": started_at.isoformat(timespec="milliseconds"),
                "code_version": code_version(),
            }
            try:
                outcome = step.action(settings, on_start(step.name))
            except BaseException as error:
                ended = datetime.now(UTC).isoformat(timespec="milliseconds")
                ledger.append(
                    settings.ledger,
                    {**entry, "ended_at": ended, "status": "failed", "error": f"{type(error).__name__}: {error}"},
                )
                raise
            result = StepResult(step.name, time.perf_counter() - clock, outcome)
            ended = datetime.now(UTC).isoformat(timespec="milliseconds")
            ledger.append(
                settings.ledger,
                {
                    **entry,
                    "ended_at": ended,
                    "status": "done",
                    "row_count": outcome.row_count,
                    "detail": outcome.detail,
                },
            )
            on_end(result)
            results.append(result)
    return results


@contextmanager
def only_run(settings: Settings) -> Iterator[None]:
    """Keep two runs off the same working warehouse.

    Raises:
        WarehouseError: Another run holds it for longer than the settings allow to wait.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.home / "run.lock", timeout=settings.lock_wait_sec)
    try:
        lock.acquire()
    except Timeout:
        raise WarehouseError(
            f"Another claims command is working in {settings.home}. Wait for it, then try again."
        ) from None
    try:
        yield
    finally:
        lock.release()
