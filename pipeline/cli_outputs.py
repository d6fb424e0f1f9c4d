"""Commands that write for people and their tools: the report's pages and exported files."""

from pathlib import Path
from typing import Annotated

import typer


def report(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the pages; var/report by default.")
    ] = None,
) -> None:
    """Render the pages of the current release again; the release itself, with its own pages, never changes."""
    from pipeline.console import console
    from pipeline.site import rebuild_site
    from warehouse.settings import load_settings

    settings = load_settings()
    folder = output or settings.home / "report"
    pages = rebuild_site(settings, folder)
    size = sum(page.stat().st_size for page in pages)
    console.print(f"{len(pages)} pages, {size:,} bytes: {folder / 'index.html'}", markup=False)


def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the files.")],
    kind: Annotated[str, typer.Option("--format", "-f", help="parquet, csv or hyper.")] = "parquet",
) -> None:
    """Write every mart of the current release as a file for other tools."""
    from pipeline.console import console
    from pipeline.export import FORMATS
    from pipeline.export import export as write
    from warehouse.errors import UsageError
    from warehouse.settings import load_settings

    if kind not in FORMATS:
        raise UsageError(f"--format knows {', '.join(FORMATS)}, not {kind!r}.")
    written = write(load_settings(), kind, output)
    console.print(f"{len(written)} files written to {output}", markup=False)
