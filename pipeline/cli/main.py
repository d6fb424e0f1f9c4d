"""The command line `claims`. Heavy imports stand inside the commands, so that help is instant."""

import atexit
import io
import os
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli import backlog, desk, diff, erase, releases, review
from pipeline.cli.delivery_options import (
    AllowBlanking,
    AllowSynthetic,
    AsOf,
    Columns,
    Encoding,
    Files,
    Sheet,
    Timezone,
    delivery_options,
)
from pipeline.cli.releases import Target
from pipeline.cli.session import run_job

app = typer.Typer(
    name="claims",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line and turn whatever goes wrong into a sentence and an exit code."""
    from pipeline.cli.exit_codes import exit_code
    from pipeline.state import signals

    signals.listen()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a letter shows its number
    try:
        code = app(standalone_mode=False, prog_name="claims") or 0
        if signals.received() and code:
            signals.raise_if_received()  # the command line's library has made a code of it, without a word
    except BaseException as error:  # noqa: BLE001 - the last place where a word can be said about it
        code = exit_code(error)
    if "pyspark" in sys.modules:
        # Its threads outlive the interpreter's modules, and DuckDB 2.0 then reports leaks on the screen (2026-11). What
        # was to be done at the exit is done, or dbt's locks would be reported as leaked.
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from warehouse.settings import code_version

        typer.echo(f"claims {code_version()}")
        raise typer.Exit


@app.callback()
def claims(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version of the code.")
    ] = False,
) -> None:
    """Find the videos that make claims: from delivered files to a review queue."""
    from warehouse.errors import WarehouseError
    from warehouse.settings import DBT_PROJECT, ROOT

    if not (DBT_PROJECT / "dbt_project.yml").exists():
        raise WarehouseError(
            f"this is a copy of the code in {ROOT} without its dbt project. claims runs from a checkout of its "
            "repository: get one, run `make setup` there and call `.venv/bin/claims`."
        )


@app.command()
def run(  # noqa: PLR0913 - one for each option of the command
    files: Files = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue after the last finished, unchanged step.")] = False,
    profile: Annotated[bool, typer.Option("--profile", help="Show the peak memory of each step.")] = False,
    encoding: Encoding = None,
    sheet: Sheet = None,
    columns: Columns = None,
    timezone: Timezone = None,
    as_of: AsOf = None,
    allow_blanking: AllowBlanking = False,
    allow_synthetic: AllowSynthetic = False,
    target: Target = None,
) -> None:
    """Do everything: ingest, build, audit, analyze, train, predict, publish, report."""
    from pipeline.cli.console import console
    from pipeline.job.runner import main_job
    from pipeline.job.summary import headline_findings, totals
    from warehouse.settings import load_settings

    overrides = {"timezone": timezone, "allow_synthetic": allow_synthetic or None}
    settings = load_settings(target=target, **overrides)
    options = delivery_options(encoding, sheet, columns, as_of, allow_blanking=allow_blanking)
    results = run_job(main_job(files or [], options), target, is_resumed=resume, shows_memory=profile, **overrides)
    console.print(f"\n{totals(settings, results)}")
    for finding in headline_findings(settings):
        console.print(f"- {finding}")
    console.print(f"\nRelease  {settings.current.resolve()}")
    console.print(f"Report   {settings.current / 'report' / 'index.html'}")


@app.command()
def ingest(  # noqa: PLR0913 - one for each option of the command
    files: Files = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would happen; land nothing.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --dry-run or --explain: print JSON for programs.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="List every repair and reason to reject.")] = False,
    encoding: Encoding = None,
    sheet: Sheet = None,
    columns: Columns = None,
    template: Annotated[
        Path | None, typer.Option("--columns-template", help="Write a first map for this file, with guesses.")
    ] = None,
    timezone: Timezone = None,
    as_of: AsOf = None,
    allow_blanking: AllowBlanking = False,
    allow_synthetic: AllowSynthetic = False,
) -> None:
    """Land delivered files: every record lands or is rejected with a reason (see --explain)."""
    from pipeline.cli import deliveries
    from pipeline.job import steps
    from pipeline.job.step import Step
    from pipeline.landing.inputs import find_inputs
    from pipeline.landing.reading import column_map
    from warehouse.errors import UsageError
    from warehouse.settings import load_settings

    if as_json and not (dry_run or explain):
        raise UsageError("--json goes with --dry-run or --explain. `claims runs --json` tells what has landed.")
    if explain:
        deliveries.explain_rules(as_json=as_json)
        return
    if template:
        typer.echo(column_map.template(template, load_settings()), nl=False)
        return
    options = delivery_options(encoding, sheet, columns, as_of, allow_blanking=allow_blanking)
    if dry_run:
        settings = load_settings(timezone=timezone)
        found = find_inputs(files or [], settings, options).files
        if not deliveries.dry_run(settings, found, options, as_json=as_json):
            raise typer.Exit(1)
        return
    land = partial(steps.ingest, files=files or [], options=options, is_read_next=False)
    step = Step("ingest", lambda settings, progress: land(settings, progress=progress))
    run_job([step], timezone=timezone, allow_synthetic=allow_synthetic or None)


@app.command()
def withdraw(
    delivery: Annotated[int, typer.Argument(help="Its number, as `quality.reconciliation` lists it.")],
) -> None:
    """Take a delivery back: its rows leave, and what they superseded is current again after the next run."""
    from pipeline.job import steps
    from pipeline.job.step import Step

    run_job([Step("withdraw", lambda settings, _: steps.withdraw(settings, delivery))])


@app.command()
def build(target: Target = None, allow_synthetic: AllowSynthetic = False) -> None:
    """Land what is new, as `ingest` does, then build and test every model with dbt."""
    from pipeline.job import steps
    from pipeline.job.runner import main_job
    from pipeline.job.step import Step

    run_job([main_job([])[0], Step("build", steps.build_all)], target, allow_synthetic=allow_synthetic or None)


@app.command()
def audit(target: Target = None) -> None:
    """Check both boundaries with Great Expectations."""
    from pipeline.job import steps
    from pipeline.job.step import Step

    run_job([Step("audit", steps.audit_incoming), Step("audit results", steps.audit_outgoing)], target)


@app.command()
def analyze(
    metric: Annotated[
        str | None, typer.Option(help="Whole-number column of fct_videos to compare; views by default.")
    ] = None,
    target: Target = None,
) -> None:
    """Hypothesis test and logistic regression on verified status."""
    from functools import partial

    from pipeline.job import steps
    from pipeline.job.step import Step

    run_job([Step("analyze", partial(steps.analyze, metric=metric))], target)


@app.command()
def train(
    refit: Annotated[bool, typer.Option("--refit", help="Fit anew, whatever has changed.")] = False,
    release: Annotated[
        str | None,
        typer.Option("--from", help="Keep the models of this release instead of fitting.", metavar="RELEASE"),
    ] = None,
    target: Target = None,
) -> None:
    """Fit one random forest per feature set, where labels or code give a reason to."""
    from functools import partial

    from pipeline.job import steps
    from pipeline.job.step import Step

    run_job([Step("train", partial(steps.train, is_requested=refit, release=release))], target)


@app.command()
def predict(target: Target = None) -> None:
    """Score every current video and write the predictions back."""
    from pipeline.job import steps
    from pipeline.job.step import Step

    run_job([Step("predict", steps.predict), Step("build results", steps.build_results)], target)


@app.command()
def publish(target: Target = None, allow_synthetic: AllowSynthetic = False) -> None:
    """Publish the working warehouse as a release, after both audits."""
    from pipeline.job import steps
    from pipeline.job.step import Step

    audits = [Step("audit", steps.audit_incoming), Step("audit results", steps.audit_outgoing)]
    run_job([*audits, Step("publish", steps.publish)], target, allow_synthetic=allow_synthetic or None)


@app.command()
def synthetic(  # noqa: PLR0913 - the options of a command are its parameters
    output: Annotated[Path, typer.Option("--output", "-o", help="A .csv or .parquet file.")],
    rows: Annotated[
        int | None, typer.Option(min=1, help="Rows to write; by default as many as the dataset has.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same bytes.")] = None,
    feed: Annotated[str, typer.Option(help="What to write: videos, reports or decisions.")] = "videos",
    videos: Annotated[
        Path | None, typer.Option(help="A file of videos that stands for the twin's own, in any dialect that lands.")
    ] = None,
    hold_labels: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the labelled videos that arrive without label.")
    ] = 0.0,
    young: Annotated[
        bool, typer.Option("--young", help="With --hold-labels: cut their counts to a young age.")
    ] = False,
    truth: Annotated[Path | None, typer.Option(help="With --hold-labels: where to keep the labels.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Write the synthetic twin of the dataset, or reports of any videos."""
    from pipeline.cli.console import console
    from pipeline.landing.synthetic import Twin, write_feed
    from pipeline.state.outputs import require_writable
    from warehouse.errors import UsageError
    from warehouse.settings import load_settings

    settings = load_settings(synthetic_rows=rows, synthetic_seed=seed)
    outputs = {feed: output}
    if feed not in ("videos", "reports", "decisions"):
        raise UsageError(f"--feed {feed} is unknown. Choose videos, reports or decisions.")
    if (young or truth) and not hold_labels:
        raise UsageError("--young and --truth belong to --hold-labels. Say which share of the labels to hold back.")
    if videos is not None and not videos.is_file():
        raise UsageError(f"{videos} is no file. Name a file of videos.")
    if truth is not None:
        outputs["truth"] = truth
    twin = Twin(settings.synthetic_rows, settings.synthetic_seed, hold_labels, is_young=young, videos=videos)
    require_writable(settings, *outputs.values(), is_forced=force)
    try:
        written = write_feed(twin, outputs)
    except ValueError as error:
        raise UsageError(str(error)) from error
    for what, path in outputs.items():
        console.print(f"{written[what]:,} rows written to {path}")


for command in (
    review.queue,
    review.explain,
    review.models,
    backlog.simulate,
    desk.review,
    desk.decide,
    diff.diff,
    erase.erase,
    releases.releases,
    releases.verify,
    releases.rollback,
    releases.runs,
    releases.doctor,
    releases.report,
    releases.export,
):
    app.command()(command)
