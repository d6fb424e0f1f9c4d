"""The steps of the main job, each callable by itself; imports of heavy libraries stand where they are used."""

import importlib
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.job.step import Outcome
from warehouse.errors import DataError, UsageError, WarehouseError
from warehouse.factory import open_engine
from warehouse.progress import Report
from warehouse.settings import Settings

if TYPE_CHECKING:
    from pipeline.landing.folder import Delivery
    from pipeline.landing.reading.options import Options
    from pipeline.release.build import Content
    from warehouse.protocol import Engine


def ingest(
    settings: Settings,
    files: Sequence[Path],
    progress: Report,
    *,
    options: "Options | None" = None,
    is_read_next: bool = True,
) -> Outcome:
    """Land the files that the precedence of inputs finds.

    Args:
        settings: Where to land.
        files: Files given on the command line.
        progress: Is told how the files were found.
        options: What a person says about them.
        is_read_next: Whether a build follows: then every landed byte is compared with what landed, and the build says
            what the deliveries change.

    Returns:
        The records of the files.
    """
    from pipeline.job.changes import told_aside
    from pipeline.landing.folder import set_damaged_aside
    from pipeline.landing.ingest import ingest as land
    from pipeline.landing.inputs import find_inputs
    from pipeline.landing.reading.dialect import NO_OPTIONS
    from pipeline.landing.report import describe
    from pipeline.release.succession import require_successor

    options = options or NO_OPTIONS
    damaged = set_damaged_aside(settings, is_thorough=is_read_next)
    inputs = find_inputs(files, settings, options)
    if inputs.is_synthetic:
        require_successor(settings, is_twin_offered=True)
    progress(inputs.origin)
    deliveries = land(settings, inputs.files, is_synthetic=inputs.is_synthetic, options=options)
    deliveries += _land_decisions(settings)
    details = [*damaged, describe(deliveries, inputs.origin), *inputs.passed_over]
    if not is_read_next:
        progress("counting what changes")
        details += told_aside(settings, [delivery.number for delivery in deliveries if delivery.is_new])
    return Outcome(sum(delivery.record_count for delivery in deliveries), "; ".join(details))


def _land_decisions(settings: Settings) -> "list[Delivery]":
    """Land what has been decided at the desk, each batch once: it is a file, and a file lands once."""
    from pipeline.landing.folder import landed_deliveries
    from pipeline.landing.ingest import ingest as land
    from review.store import Store

    landed = landed_deliveries(settings)
    if not settings.desk.exists() or not landed:
        return []
    is_synthetic = all(delivery.is_synthetic for delivery in landed)
    # A batch that was taken back stays out, as any file does that nobody names.
    known = {delivery.file_name for delivery in [*landed, *landed_deliveries(settings, is_withdrawn=True)]}
    batches = Store(settings.desk).deliveries(is_synthetic=is_synthetic)
    return land(settings, [file for file in batches if file.name not in known], is_synthetic=is_synthetic)


def withdraw(settings: Settings, number: int) -> Outcome:
    """Take a delivery back."""
    from pipeline.landing.folder import withdraw as take_back

    delivery = take_back(settings, number)
    return Outcome(
        delivery.landed_count,
        f"{delivery.landed_count:,} rows of {delivery.file_name} left; `claims run` makes a release without them",
    )


def build_marts(settings: Settings, progress: Report) -> Outcome:
    """Build and test everything that does not rest on the scripts' results."""
    if settings.target == "spark":
        from pipeline.release import spark

        spark.clear(settings)
    return _build(settings, progress, ["--exclude", "source:ml+"])


def build_results(settings: Settings, progress: Report) -> Outcome:
    """Build and test the marts on the scripts' results."""
    return _build(settings, progress, ["--select", "source:ml+", "run_ledger"])


def build_all(settings: Settings, progress: Report) -> Outcome:
    """Build and test every model."""
    return _build(settings, progress, [])


def _build(settings: Settings, progress: Report, arguments: Sequence[str]) -> Outcome:
    from pipeline.release.succession import require_successor

    require_successor(settings)
    _import_urllib3_quietly()
    from pipeline.job.changes import counted_deliveries, told_after_build
    from pipeline.job.dbt_runner import run_dbt

    counted = counted_deliveries(settings)
    result = run_dbt(settings, "build", arguments, on_node=progress)
    details = [
        f"{result.model_count} models built, {result.test_count} tests passed, {result.warning_count} warnings",
        *told_after_build(settings, counted),
    ]
    return Outcome(result.model_count, "; ".join(details), result.test_count - result.warning_count)


def audit_incoming(settings: Settings, _progress: Report) -> Outcome:
    """Check what came in."""
    return _audit(settings, "incoming")


def audit_outgoing(settings: Settings, _progress: Report) -> Outcome:
    """Check what goes out, and whether people decide in time."""
    from ml.simulate import late_decisions

    outcome = _audit(settings, "outgoing")
    with _open_built(settings) as engine:
        late = late_decisions(engine)
    if late is None:
        return outcome
    warning = (
        f"warning: of the cases decided on {late.day}, {late.within_target_share:.0%} were decided within "
        f"{settings.target_hours:g} hours"
    )
    return outcome._replace(detail=f"{outcome.detail}; {warning}")


def _audit(settings: Settings, boundary: str) -> Outcome:
    _import_urllib3_quietly()
    from expectations.audit import run_audit

    with _open_built(settings) as engine:
        results = run_audit(engine, boundary, settings.audit_sample_rows)  # type: ignore[arg-type]
    if blocking := [result for result in results if result.is_blocking]:
        lines = [
            f"  {result.table_name}.{result.column_name or '*'}: {result.expectation}; "
            f"{result.unexpected_count} rows, for example {result.example}"
            for result in blocking
        ]
        raise DataError("\n".join([f"The {boundary} audit found {len(blocking)} critical failures:", *lines]))
    warned = sum(not result.is_successful for result in results)
    return Outcome(
        len(results), f"{len(results)} expectations checked, {warned} warnings", check_count=len(results) - warned
    )


def _open_built(settings: Settings) -> "Engine":
    """Open the working warehouse of an earlier build; opening an absent one would make it, empty."""
    if settings.target == "dev" and not settings.warehouse_file.exists():
        raise WarehouseError(f"Nothing has been built yet in {settings.home}. Run `claims run`, or `claims build`.")
    return open_engine(settings)


def _import_urllib3_quietly() -> None:
    """Keep urllib3, which dbt and Great Expectations import, from binding a socket to try IPv6 (urllib3 2, 2026-11)."""
    has_ipv6, socket.has_ipv6 = socket.has_ipv6, False
    try:
        importlib.import_module("urllib3")
    finally:
        socket.has_ipv6 = has_ipv6


def analyze(settings: Settings, _progress: Report, metric: str | None = None) -> Outcome:
    """Hypothesis test and regression on verified status."""
    from ml import analyze as script

    with _open_built(settings) as engine:
        count = script.run(engine, metric or script.DEFAULT_METRIC, settings.regression_rows)
    return Outcome(count, f"{count} estimates")


def train(settings: Settings, progress: Report, *, is_requested: bool = False, release: str | None = None) -> Outcome:
    """Fit the claim models where there is a reason to, measure them and check their robustness."""
    from ml import train as script

    folder = settings.releases / release if release else None
    if folder is not None and not folder.is_dir():
        raise UsageError(f"There is no release {release}. `claims releases` lists them.")
    with _open_built(settings) as engine:
        outcome = script.run(engine, settings, progress, is_requested=is_requested, release=folder)
    return Outcome(outcome.model_count, outcome.sentence)


def predict(settings: Settings, _progress: Report) -> Outcome:
    """Write the predictions back, once the model gate lets the models pass."""
    from ml import predict as script
    from pipeline.release.switch import next_sequence_number
    from wording.delivery import drift as drift_sentences

    with _open_built(settings) as engine:
        found = script.run(engine, settings, next_sequence_number(settings))
    warnings = [f"warning: {sentence}" for sentence in drift_sentences([one.row() for one in found.drift])]
    return Outcome(found.scored_count, "; ".join([f"{found.scored_count:,} videos scored", *warnings]))


def simulate(settings: Settings, _progress: Report, changes: Mapping[str, object] | None = None) -> Outcome:
    """Compare the orders of the queue, and simulate what it and the others come to."""
    from ml import simulate as script

    plan = script.plan_of(settings, **(changes or {}))
    with _open_built(settings) as engine:
        found = script.run(engine, settings, plan)
    team = (
        "no team meets the target"
        if found.smallest_reviewer_count is None
        else f"{found.smallest_reviewer_count} reviewers meet the target"
    )
    return Outcome(found.row_count, f"queue by {found.policy} ({found.reason}); {team}")


def publish(settings: Settings, _progress: Report) -> Outcome:
    """Build a release aside, with its models and its report, and switch to it; an erasure under way ends with it."""
    from pipeline.job import erase
    from pipeline.job.summary import write_summaries
    from pipeline.release.build import copy_folder, stage_release
    from pipeline.release.site import build_site_of
    from pipeline.release.succession import require_successor
    from pipeline.release.switch import publish as switch_to

    require_successor(settings)
    contents = (
        copy_folder(settings.models, "models"),
        lambda staged: write_summaries(staged.engine, staged.folder / "summaries"),
        lambda staged: build_site_of(staged, settings),
    )
    if settings.target == "spark":
        release = _publish_spark(settings, contents)
    else:
        release = switch_to(settings, stage_release(settings, contents))
    files = sum(path.is_file() for path in release.rglob("*"))
    erased = erase.finish(settings, release.name)
    return Outcome(files, "; ".join([f"release {release.name}, {files} files", *erased]))


def _publish_spark(settings: Settings, contents: "Sequence[Content]") -> Path:
    """Publish twice: for readers on Spark as views, for everybody else as the same release folder as ever."""
    from pipeline.release import spark
    from pipeline.release.build import stage_release
    from pipeline.release.manifest import read_manifest
    from pipeline.release.switch import publish as switch_to

    spark.export(settings)
    staged = stage_release(settings, contents)
    manifest = read_manifest(staged)
    spark.copy(settings, manifest)
    spark.switch(settings, manifest.release_id)
    release = switch_to(settings, staged)
    spark.retire(settings)
    return release
