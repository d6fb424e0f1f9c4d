"""The main job as a readable list of steps, with a ledger line for each."""

import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pipeline.job import resume, steps
from pipeline.job.peak_memory import PeakMemory
from pipeline.job.recovery import recover
from pipeline.job.step import Action, Outcome, Step, StepResult
from pipeline.landing.folder import landed_deliveries
from pipeline.landing.reading.dialect import NO_OPTIONS
from pipeline.landing.reading.options import Options
from pipeline.state import home, ledger, locks, signals
from pipeline.state.stamp import changed_between, warehouse_stamp
from warehouse.errors import UsageError, WarehouseError
from warehouse.progress import Report
from warehouse.settings import Settings, code_version


def main_job(files: Sequence[Path], options: Options = NO_OPTIONS) -> list[Step]:
    """The main job, in order.

    Args:
        files: Files given on the command line.
        options: What a person says about them.

    Returns:
        The steps.
    """
    return [
        Step("ingest", lambda settings, progress: steps.ingest(settings, files, progress, options=options)),
        Step("build", steps.build_marts, resume.have_public_tables),
        Step("audit", steps.audit_incoming, resume.have_public_tables),
        Step("analyze", steps.analyze, resume.have_public_tables),
        Step("train", steps.train, resume.have_models),
        Step("predict", steps.predict, resume.have_public_tables),
        Step("simulate", steps.simulate, resume.have_public_tables),
        Step("build results", steps.build_results, resume.have_public_tables),
        Step("audit results", steps.audit_outgoing, resume.have_public_tables),
        Step("publish", steps.publish, resume.have_release, rooms=("reports",)),
    ]


def run_steps(
    settings: Settings,
    job: Sequence[Step],
    on_start: Callable[[str], Report],
    on_end: Callable[[StepResult], None],
    *,
    is_resumed: bool = False,
) -> list[StepResult]:
    """Run steps one after the other, alone on the working warehouse.

    Args:
        settings: Where everything stands.
        job: The steps.
        on_start: Called with a step's name; returns where its progress goes.
        on_end: Called with each finished or skipped step.
        is_resumed: Skip the steps before the first one that is unfinished, changed or without its outputs.

    Returns:
        The finished steps.

    Raises:
        ClaimsError: A step failed; nothing later ran and nothing was published.
    """
    run_id = uuid.uuid4().hex[:12]
    results: list[StepResult] = []
    migrated = home.prepare(settings)
    with locks.only_run(settings):
        if cleared := recover(settings, run_id, migrated):
            on_end(StepResult("recover", 0.0, Outcome(len(cleared), "; ".join(cleared))))
        previous, stamp = "", warehouse_stamp(settings)
        last = resume.last_runs(settings, stamp) if is_resumed else {}
        can_skip = is_resumed
        if is_resumed and not last and settings.ledger.exists():
            on_end(StepResult("resume", 0.0, Outcome(0, "nothing is skipped: another program changed the warehouse")))
        for number, step in enumerate(job, start=1):
            signals.raise_if_received()
            hashes = _input_hashes(settings)
            entry: dict[str, Any] = {
                "run_id": run_id,
                "step_number": number,
                "step": step.name,
                "code_version": code_version(),
                "input_hashes": hashes,
            }
            if step.has_output is not None:
                previous = resume.fingerprint(settings, previous, step.name, step.rooms, hashes)
                entry["fingerprint"] = previous
                found = last.get(step.name, {})
                can_skip = (
                    can_skip
                    and found.get("status") == "done"
                    and found.get("fingerprint") == previous
                    and step.has_output(settings)
                )
            if warehouse_stamp(settings) != stamp:
                raise WarehouseError(changed_between(settings, results[-1].name if results else "the start", step.name))
            entry |= {"started_at": ledger.now(), "warehouse_before": stamp}
            if can_skip and step.has_output is not None:
                result = _skip(settings, step, entry, found)
            else:
                try:
                    result = _run(settings, step, entry, on_start(step.name), is_noted=True)
                except UsageError:
                    locks.note_path(settings).unlink(missing_ok=True)
                    raise
                locks.note_path(settings).unlink(missing_ok=True)
                stamp = warehouse_stamp(settings)
            on_end(result)
            results.append(result)
    return results


def record(settings: Settings, name: str, action: Action) -> StepResult:
    """Do one thing that needs no working warehouse, such as a rollback beside a run, with a line in the ledger."""
    entry = {
        "run_id": uuid.uuid4().hex[:12],
        "step_number": 1,
        "step": name,
        "code_version": code_version(),
        "started_at": ledger.now(),
    }
    home.prepare(settings)
    with home.private_files():
        return _run(settings, Step(name, action), entry, lambda _: None)


def _run(
    settings: Settings, step: Step, entry: dict[str, Any], progress: Report, *, is_noted: bool = False
) -> StepResult:
    """Run one step and write its ledger line, whatever becomes of it."""
    clock = time.perf_counter()
    memory = PeakMemory()
    try:
        if is_noted:
            # Should the process be killed, recovery writes the ledger line from this note. A signal that comes while
            # it is written finds the step begun.
            locks.write_note(settings, entry)
        with memory:
            outcome = step.action(settings, progress)
    except UsageError:
        raise  # a wrong call is not a run that failed
    except BaseException as error:
        status = "interrupted" if signals.is_interruption(error) else "failed"
        failure = {
            "status": status,
            **_after(settings, entry),
            "error": ": ".join(filter(None, (type(error).__name__, str(error)))),
        }
        # A full disk may refuse the line too; then recovery writes it.
        with suppress(OSError):
            _append(settings, {**entry, **failure}, clock, memory)
        raise
    success = {
        "status": "done",
        "row_count": outcome.row_count,
        "detail": outcome.detail,
        **_after(settings, entry),
        "input_hashes": _input_hashes(settings),  # those that ingest has just landed included
    }
    _append(settings, {**entry, **success}, clock, memory)
    return StepResult(step.name, time.perf_counter() - clock, outcome, memory.byte_count)


def _after(settings: Settings, entry: dict[str, Any]) -> dict[str, str]:
    """The state in which a step leaves the working warehouse; a rollback beside a run has nothing to do with it."""
    return {"warehouse_after": warehouse_stamp(settings)} if "warehouse_before" in entry else {}


def _append(settings: Settings, entry: dict[str, Any], clock: float, memory: PeakMemory) -> None:
    ledger.append(
        settings.ledger,
        {
            **entry,
            "ended_at": ledger.now(),
            "duration_sec": round(time.perf_counter() - clock, 3),
            "peak_memory_byte_count": memory.byte_count,
        },
    )


def _skip(settings: Settings, step: Step, entry: dict[str, Any], found: dict[str, Any]) -> StepResult:
    detail = f"skipped: unchanged since {found['ended_at']}"
    ledger.append(settings.ledger, {**entry, "status": "skipped", "ended_at": ledger.now(), "detail": detail})
    return StepResult(step.name, 0.0, Outcome(0, detail), is_skipped=True)


def _input_hashes(settings: Settings) -> list[str]:
    return [delivery.hash for delivery in landed_deliveries(settings)]
