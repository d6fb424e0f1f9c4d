"""The command that erases: what it will do, one question, the job, and a table of what went."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.releases import Target

if TYPE_CHECKING:
    from pipeline.job.step import Outcome
    from warehouse.progress import Report
    from warehouse.settings import Settings

OUTSIDE = (
    "Copies that claims cannot know, such as exports, copied releases, backups and files delivered from elsewhere, "
    "are yours to remove (docs/privacy.md)."
)


def erase(
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays in the ledger, so name nobody in it.")],
    video_ids: Annotated[list[int] | None, typer.Argument(metavar="VIDEO_ID...", help="Videos.")] = None,
    reporters: Annotated[
        list[str] | None, typer.Option("--reporter", help="A reporter, by the pseudonym that was delivered.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    edit_raw: Annotated[bool, typer.Option("--edit-raw", help="Take the lines out of text files in data/raw.")] = False,
    target: Target = None,
) -> None:
    """Erase videos and reporters everywhere in the home; what is delivered of them again stays out."""
    from pipeline.cli.console import console
    from pipeline.cli.session import home_to_read, run_job
    from pipeline.job import erase as job
    from pipeline.job.runner import main_job
    from pipeline.job.step import Outcome, Step
    from pipeline.landing import erase as landed
    from pipeline.landing import raw_files
    from pipeline.landing.sought import Sought
    from pipeline.release.switch import list_releases
    from warehouse.errors import UsageError

    sought = Sought(video_ids=tuple(video_ids or ()), reporter_ids=tuple(reporters or ()))
    if not sought.columns():
        raise UsageError("Name the videos to erase, or a reporter with --reporter.")
    if not reason.strip():
        raise UsageError("Say why with --reason; it stays in the ledger.")
    settings = home_to_read(target=target)
    count = landed.count_records(settings, sought)
    console.print(f"{count:,} landed records are of them; releases that hold them are removed, and models fitted anew.")
    for hit in raw_files.find(sought):
        console.print(f"  {hit.in_words()}{'' if edit_raw or not hit.lines else '  (--edit-raw takes them out)'}")
    if not yes and not typer.confirm("This cannot be undone. Erase?"):
        console.print("Nothing was erased.")
        raise typer.Exit(1)
    found: list[job.Request] = []

    def carry_out(settings: "Settings", _progress: "Report") -> "Outcome":
        job.begin(settings, sought, reason.strip(), is_raw_edited=edit_raw)
        request = job.carry_out(settings)
        assert request is not None  # noqa: S101 - it has just been written
        found.append(request)
        return Outcome(count, f"erased {job.described(request)} from landing; releases follow")

    before = list_releases(settings)
    run_job([Step("erase", carry_out), *main_job([])[1:]], target)
    gone = [name for name in before if name not in list_releases(settings)]
    console.print("\nRemoved")
    for place, number in found[0].removed.items():
        console.print(f"  {number:>7,}  {place}")
    console.print(f"  {len(gone):>7,}  releases{': ' if gone else ''}{', '.join(gone)}")
    console.print(f"Release {settings.current.resolve().name} is without them.")
    for phrase in found[0].left:
        console.print(f"Left: {phrase}")
    console.print(OUTSIDE)
