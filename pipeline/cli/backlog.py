"""Commands about the backlog: how many people it takes, and in which order they should look."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from warehouse.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

_MEASURES = {
    "median_hours_to_claim": ("half of the claims decided within", "{:,.1f} h"),
    "p95_hours_to_claim": ("95 % of the claims decided within", "{:,.1f} h"),
    "share_within_target": ("claims decided in time", "{:.1%}"),
    "claim_views_before_decision_share": ("views of claims before their decision", "{:.1%}"),
    "pending_count": ("cases pending at the end", "{:,.0f}"),
    "hours_per_decided_claim": ("hours of review per claim found", "{:,.2f} h"),
    "money_per_decided_claim": ("cost per claim found", "{:,.2f}"),
}


def simulate(
    reviewers: Annotated[int | None, typer.Option(min=1, help="People who review.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.01, help="Mean minutes for one case.")] = None,
    hours: Annotated[float | None, typer.Option(min=0.1, max=24, help="Hours that each works a day.")] = None,
    cost_per_hour: Annotated[float | None, typer.Option(min=0, help="Cost of one hour of review.")] = None,
    reports_per_day: Annotated[float | None, typer.Option(min=0.1, help="Cases opened a day.")] = None,
    as_json: AsJson = False,
) -> None:
    """How many people does it take? Simulates the queue in every order, with and without clearing."""
    from functools import partial

    from pipeline.cli.console import StepPrinter, console
    from pipeline.cli.session import home_to_read
    from pipeline.job import steps
    from pipeline.job.runner import run_steps
    from pipeline.job.step import Step

    settings = home_to_read()
    changes = {
        "reviewer_count": reviewers,
        "minutes_per_review": minutes,
        "shift_hours": hours,
        "cost_per_hour": cost_per_hour,
        "cases_per_day": reports_per_day,
    }
    printer = StepPrinter()
    job = [Step("simulate", partial(steps.simulate, changes=changes))]
    try:
        run_steps(settings, job, printer.start, (lambda _: printer.stop()) if as_json else printer.end)
    finally:
        printer.stop()
    rows = _simulated(settings)
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for line in _lines(rows):
        console.print(line)


def _simulated(settings: "Settings") -> list[dict[str, Any]]:
    from warehouse import contract
    from warehouse.factory import open_engine

    table = contract.relation("backlog_simulation")
    with open_engine(settings, read_only=True) as engine:
        rows: list[dict[str, Any]] = engine.query(
            f"select * from {table} order by is_clearing, policy, measure"  # noqa: S608 - a name from the contract
        ).to_pylist()
    return rows


def _lines(rows: list[dict[str, Any]]) -> list[str]:
    """The order in force in words, then one line per order."""
    if not rows:
        return ["There are no held-out labelled videos to simulate with: train on labelled videos first."]
    said = [_assumptions(rows[0])]
    for clears in (False, True):
        chosen = [row for row in rows if row["is_clearing"] == clears and row["is_in_force"]]
        measured = [f"  {_told(row)}" for row in chosen if row["measure"] in _MEASURES]
        team = next(f"  {_team(row)}" for row in chosen if row["measure"] == "smallest_reviewer_count")
        said += ["", f"{'Opinions' if clears else 'Nothing'} cleared by the model:", *measured, team]
    orders = [row for row in rows if row["measure"] == "share_within_target" and not row["is_clearing"]]
    said += ["", "Claims decided in time, by order (nothing cleared):"]
    said += [
        f"  {row['policy']:<36} {_figure(row, '{:.1%}')}{'  in force' if row['is_in_force'] else ''}" for row in orders
    ]
    return said


def _assumptions(row: dict[str, Any]) -> str:
    return (
        f"{row['cases_per_day']:,.0f} cases a day, {row['reviewer_count']} reviewers for {row['shift_hours']:g} hours a"
        f" day, {row['minutes_per_review']:g} minutes a case; mean of {row['seed_count']} simulated stretches of"
        f" {row['day_count']} days, with 95 % intervals."
    )


def _team(row: dict[str, Any]) -> str:
    team = "no team is large enough" if row["value"] is None else f"{row['value']:,.0f} reviewers"
    return f"smallest team that decides 95 % of the claims within {row['target_hours']:g} h: {team}"


def _told(row: dict[str, Any]) -> str:
    words, form = _MEASURES[row["measure"]]
    return f"{words}: {_figure(row, form)}"


def _figure(row: dict[str, Any], form: str) -> str:
    if row["value"] is None:
        return "not within the simulated time"
    bounds = [row["lower_bound"], row["upper_bound"]]
    interval = "" if None in bounds else f" ({form.format(bounds[0])} to {form.format(bounds[1])})"
    return form.format(row["value"]) + interval
