"""The command that erases: what it will do, one question, the job, and a table of what went."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.releases import Target

if TYPE_CHECKING:
    from pipeline.job.step import Outcome
    from pipeline.landing.sought import Sought
    from warehouse.progress import Report
    from warehouse.settings import Settings

OUTSIDE = (
    "Copies that claims cannot know, such as exports, copied releases, backups and files delivered from elsewhere, "
    "are yours to remove (docs/privacy.md)."
)


def require_known(settings: "Settings", unknown: "Sought") -> None:
    """Refuse ids that stand nowhere, since most often they are misspelt.

    Raises:
        UsageError: Always, unless nothing has landed at all.
        WarehouseError: Nothing has landed and nothing is published.
    """
    from pipeline.landing.folder import landed_deliveries
    from pipeline.release.switch import list_releases
    from warehouse.errors import UsageError, WarehouseError

    to_keep_out = "add --keep-out, and it is rejected when it is delivered"
    if not landed_deliveries(settings) and not list_releases(settings):
        raise WarehouseError(
            f"Nothing has been landed yet in {settings.home}. Run `claims run` before you erase, or {to_keep_out}."
        )
    names = ", ".join(f"{column.removesuffix('_id')} {value}" for column, value in unknown.each())
    raise UsageError(
        f"Nothing here knows {names}: neither landing nor rejected records, the desk, a release or data/raw. "
        f"Correct the id, or {to_keep_out}."
    )


def require_consent(question: str, *, is_given: bool) -> None:
    """Ask once, unless consent is given already; without it the command ends with 1."""
    if not is_given and not typer.confirm(question):
        typer.echo("Nothing was erased.")
        raise typer.Exit(1)


def erase(
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays in the ledger, so name nobody in it.")],
    video_ids: Annotated[list[int] | None, typer.Argument(metavar="VIDEO_ID...", help="Videos.")] = None,
    reporters: Annotated[
        list[str] | None, typer.Option("--reporter", help="A reporter, by the pseudonym that was delivered.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    edit_raw: Annotated[bool, typer.Option("--edit-raw", help="Take the lines out of text files in data/raw.")] = False,
    keep_out: Annotated[
        bool, typer.Option("--keep-out", help="Also what stands nowhere yet: it is rejected when it is delivered.")
    ] = False,
    target: Target = None,
) -> None:
    """Erase videos and reporters everywhere in the home; what is delivered of them again stays out."""
    from functools import partial

    from pipeline.cli.console import console
    from pipeline.cli.session import home_to_read, run_job
    from pipeline.job import erase as job
    from pipeline.job.runner import main_job
    from pipeline.job.step import Outcome, Step
    from pipeline.job.whereabouts import nowhere
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
    unknown = nowhere(settings, sought)
    if unknown.columns() and not keep_out:
        require_known(settings, unknown)
    before = list_releases(settings)
    # A release tells no reporter from another, so that one who has not landed may stand in it.
    if unknown == sought and not (before and sought.reporter_ids):
        require_consent("Nothing of it stands here. Keep it out for good?", is_given=yes)
        run_job([Step("erase", partial(job.keep_out, sought, reason.strip()))], target)
        return
    count = landed.count_records(settings, sought)
    console.print(f"{count:,} landed records are of them; releases that hold them are removed, and models fitted anew.")
    for hit in raw_files.find(sought):
        console.print(f"  {hit.in_words()}{'' if edit_raw or not hit.lines else '  (--edit-raw takes them out)'}")
    require_consent("This cannot be undone. Erase?", is_given=yes)
    found: list[job.Request] = []

    def carry_out(settings: "Settings", _progress: "Report") -> "Outcome":
        job.begin(settings, sought, reason.strip(), is_raw_edited=edit_raw)
        request = job.carry_out(settings)
        assert request is not None  # noqa: S101 - it has just been written
        found.append(request)
        return Outcome(count, f"erased {job.described(request)} from landing; releases follow")

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
