"""Commands about releases and runs: what is published, whether it is whole, and what happened."""

import json
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def releases(as_json: AsJson = False) -> None:
    """List the published releases, newest first."""
    from pipeline import publish as publishing
    from pipeline.console import console
    from warehouse.settings import load_settings

    settings = load_settings()
    current = settings.current.resolve().name if settings.current.exists() else None
    listed = [{"release_id": name, "is_current": name == current} for name in publishing.list_releases(settings)]
    if as_json:
        typer.echo(json.dumps(listed))
        return
    for release in listed:
        console.print(f"{release['release_id']}{'  current' if release['is_current'] else ''}")


def verify(release_id: Annotated[str | None, typer.Argument(help="The current one by default.")] = None) -> None:
    """Recompute the checksums of a release."""
    from pipeline import publish as publishing
    from pipeline.console import console
    from warehouse.settings import load_settings

    manifest = publishing.verify(load_settings(), release_id)
    console.print(f"Release {manifest['release_id']}: {len(manifest['tables'])} tables match their checksums.")


def rollback(
    release_id: Annotated[str | None, typer.Argument(help="The one before the current by default.")] = None,
) -> None:
    """Switch back to an earlier release."""
    from pipeline import publish as publishing
    from pipeline.console import console
    from warehouse.settings import load_settings

    console.print(f"Current release: {publishing.rollback(load_settings(), release_id)}")


def runs(as_json: AsJson = False) -> None:
    """Show the ledger: every step of every run."""
    from pipeline import ledger
    from pipeline.console import console
    from warehouse.settings import load_settings

    entries = ledger.read(load_settings().ledger)
    if as_json:
        typer.echo(json.dumps(entries))
        return
    for entry in entries:
        console.print(
            f"{entry['started_at']}  {entry['run_id']}  {entry['step']:<14} {entry['status']:<7} "
            f"{entry.get('detail') or entry.get('error', '')}",
            markup=False,
        )
