"""Commands about releases and runs: what is published, whether it is whole, its files for others, and what happened."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipeline.job.step import Outcome
    from warehouse.progress import Report
    from warehouse.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Target = Annotated[
    str | None,
    typer.Option("--target", help="dev: DuckDB on this machine; spark: Apache Spark.", envvar="CLAIMS_TARGET"),
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]
ReleaseId = Annotated[str | None, typer.Argument(help="As `claims releases` shows it.")]


def releases(as_json: AsJson = False) -> None:
    """List the published releases, newest first."""
    from pipeline.cli.console import console, show_json
    from pipeline.cli.session import home_to_read
    from pipeline.release import switch as published
    from warehouse.errors import WarehouseError

    settings = home_to_read()
    current = settings.current.resolve().name if settings.current.exists() else None
    listed = [{"release_id": name, "is_current": name == current} for name in published.list_releases(settings)]
    if as_json:
        show_json(listed)
    if not listed:
        raise WarehouseError(f"Nothing has been published yet in {settings.home}. Run `claims run` first.")
    if as_json:
        return
    for release in listed:
        console.print(f"{release['release_id']}{'  current' if release['is_current'] else ''}")


def verify(
    release_id: ReleaseId = None,
    as_json: AsJson = False,
    landing: Annotated[bool, typer.Option("--landing", help="Of what has landed instead of a release.")] = False,
) -> None:
    """Recompute the checksums of a release, by default of the current one, or of what has landed."""
    from pipeline.cli.console import console, show_json
    from pipeline.cli.session import home_to_read
    from pipeline.release import switch as published
    from warehouse.errors import UsageError

    if landing and release_id:
        raise UsageError(f"Either a release, {release_id}, or --landing: leave one out.")
    if landing:
        _verify_landing(home_to_read(), as_json=as_json)
        return
    manifest = published.verify(home_to_read(), release_id)
    if as_json:
        show_json(manifest.model_dump(mode="json"))
        return
    console.print(
        f"Release {manifest.release_id}: {len(manifest.tables)} tables and {len(manifest.files)} files "
        "match its manifest."
    )


def _verify_landing(settings: "Settings", *, as_json: bool) -> None:
    from pipeline.cli.console import console, show_json
    from pipeline.landing.folder import damaged, landed_deliveries
    from warehouse.errors import WarehouseError

    faults = {folder.name: fault for folder, fault in damaged(settings, is_thorough=True)}
    count = len(landed_deliveries(settings))
    if as_json:
        show_json({"landing_count": count, "damaged": faults})
    if not count and not faults:
        raise WarehouseError(f"Nothing has been landed yet in {settings.home}. Run `claims run` first.")
    for name, fault in {} if as_json else faults.items():
        console.print(f"landing/{name}: {fault} is not as it landed. Deliver the file again with `claims ingest FILE`.")
    if faults:
        raise typer.Exit(1)
    if not as_json:
        console.print(f"{count} landed deliveries match their manifests.")


def rollback(release_id: ReleaseId = None, target: Target = None) -> None:
    """Switch back to an earlier release, by default to the one before the current; never waits for a build."""
    from pipeline.cli.console import console
    from pipeline.cli.session import home_to_read
    from pipeline.job.runner import record
    from pipeline.job.step import Outcome
    from pipeline.release import switch as published
    from pipeline.state import home

    def switch(settings: "Settings", _progress: "Report") -> "Outcome":
        release = published.rollback(settings, release_id)
        if settings.target == "spark":
            from pipeline.release import spark

            spark.switch(settings, release)
        return Outcome(1, f"release {release}")

    opened = home_to_read(target=target)
    for phrase in home.prepare(opened):
        console.print(phrase)
    result = record(opened, "rollback", switch)
    console.print(f"Current: {result.outcome.detail}")


def runs(
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="Newest entries to show; 0 shows all.")] = 50,
) -> None:
    """Show the ledger, oldest first: what each step of each run did. Works while the warehouse is locked."""
    from pipeline.cli.console import console, one_line, show_json
    from pipeline.cli.session import home_to_read
    from pipeline.state import ledger
    from warehouse.errors import WarehouseError

    settings = home_to_read()
    entries = ledger.read(settings.ledger)[-limit:]
    if as_json:
        show_json(entries)
    if not entries:
        raise WarehouseError(f"There has been no run yet in {settings.home}. Begin with `claims run`.")
    if as_json:
        return
    for entry in entries:
        seconds, memory = entry.get("duration_sec"), entry.get("peak_memory_byte_count")
        last_word = entry.get("detail") or entry.get("error", "")
        console.print(
            f"{entry.get('started_at', ''):<24}  {entry.get('run_id', ''):<12}  {entry.get('step', ''):<14} "
            f"{entry.get('status', ''):<11} {'' if seconds is None else f'{seconds:.1f} s':>9} "
            f"{'' if memory is None else f'{memory / 2**20:,.0f} MB':>9}  {one_line(last_word)}"
        )


def doctor(as_json: AsJson = False) -> None:
    """Examine this installation and its warehouse; changes nothing, uses no network; ends with 3 if a check fails."""
    from pipeline.cli.console import console, show_json
    from pipeline.cli.doctor import examine
    from warehouse.settings import load_settings

    findings = examine(load_settings())
    if as_json:
        show_json([finding._asdict() for finding in findings])
    else:
        for finding in findings:
            remedy = f" {finding.remedy}" if finding.remedy else ""
            console.print(f"{finding.status:<5} {finding.name:<18} {finding.message}{remedy}")
    if any(finding.status == "fail" for finding in findings):
        raise typer.Exit(3)


def report(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the pages; var/report by default.")
    ] = None,
    force: Force = False,
) -> None:
    """Render the pages of the current release again; the release itself, with its own pages, never changes."""
    from pipeline.cli.console import console
    from pipeline.cli.session import home_to_read
    from pipeline.release.site import rebuild_site

    settings = home_to_read()
    pages = rebuild_site(settings, output, is_forced=force)
    size = sum(page.stat().st_size for page in pages)
    console.print(f"{len(pages)} pages, {size:,} bytes: {pages[0].parent / 'index.html'}")


def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the files.")],
    kind: Annotated[str, typer.Option("--format", "-f", help="parquet, csv or hyper.")] = "parquet",
    force: Force = False,
) -> None:
    """Write every mart of the current release as a file for other tools."""
    from pipeline.cli.console import console
    from pipeline.cli.session import home_to_read
    from pipeline.release.export import FORMATS
    from pipeline.release.export import export as write
    from warehouse.errors import UsageError

    if kind not in FORMATS:
        raise UsageError(f"--format knows {', '.join(FORMATS)}, not {kind!r}.")
    written = write(home_to_read(), kind, output, is_forced=force)
    console.print(f"{len(written)} files written to {output}")
