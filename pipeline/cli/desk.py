"""Commands of the people who decide: the desk in a browser, and one decision from the terminal."""

from typing import Annotated

import typer

Reviewer = Annotated[str, typer.Option("--reviewer", help="Your pseudonym; it stands beside each decision.")]


def review(
    reviewer: Reviewer,
    port: Annotated[int, typer.Option(help="Where the desk listens, on this machine alone.", min=1, max=65_535)] = 8765,
) -> None:
    """Work the open cases of the current release in a browser; decisions land with the next run."""
    import waitress

    from pipeline.cli.console import console
    from pipeline.cli.session import home_to_write
    from review.app import HOST, create_app
    from review.cases import CurrentDesk
    from review.store import Store, checked_reviewer
    from warehouse.errors import UsageError

    settings, name = home_to_write(), checked_reviewer(reviewer)
    desk = CurrentDesk(settings)
    pending = desk().pending_count()
    app = create_app(desk, Store(settings.desk), name, port)
    try:
        server = waitress.create_server(app, host=HOST, port=port, threads=4, ident=None)
    except OSError as error:
        raise UsageError(
            f"The desk cannot listen on port {port}: {error.strerror}. Name another with --port."
        ) from error
    console.print(f"{pending:,} open cases: http://{HOST}:{port}/ (Ctrl-C ends the desk)", markup=False)
    try:
        server.run()
    finally:
        server.close()


def decide(
    video_id: Annotated[int, typer.Argument(help="Identifier of the video.")],
    decision: Annotated[str, typer.Argument(help="claim, opinion or skipped.")],
    reviewer: Reviewer,
) -> None:
    """Decide one case from the terminal, in the same store as the desk."""
    from pipeline.cli.console import console
    from pipeline.cli.session import home_to_write
    from review.cases import CurrentDesk
    from review.store import Store, checked_reviewer
    from warehouse.errors import UsageError

    settings, name = home_to_write(), checked_reviewer(reviewer)
    desk = CurrentDesk(settings)()
    case = desk.case(video_id)
    if case is None:
        raise UsageError(f"There is no video {video_id} in the current release. `claims queue` shows some.")
    Store(settings.desk).decide(name, [video_id], decision, case.seen(desk.release_id))
    console.print(f"Video {video_id}: {decision}, by {name}. It lands with the next run.", markup=False)
