"""What `claims ingest` prints beside its step: the rules, and what a trial found."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.cli.console import console, show_json
from pipeline.landing.cells.rules import REASONS, REPAIRS
from pipeline.landing.reading.options import Options
from pipeline.landing.report import trial, trial_lines
from warehouse.settings import Settings


def explain_rules(*, as_json: bool = False) -> None:
    """Print every kind of repair and every reason to reject, for a program if need be."""
    if as_json:
        kinds = {"repairs": REPAIRS, "reject_reasons": REASONS}
        show_json({kind: {rule.code: rule.explanation for rule in rules} for kind, rules in kinds.items()})
        return
    for title, rules in (("Repairs", REPAIRS), ("Reasons to reject a record", REASONS)):
        console.print(title)
        for rule in rules:
            console.print(f"  {rule.code:<22} {rule.explanation}")
        console.print()


def dry_run(settings: Settings, files: Sequence[Path], options: Options, *, as_json: bool) -> bool:
    """Tell what landing some files would do, without doing it.

    Args:
        settings: The limits.
        files: Delivered files.
        options: What a person says about them.
        as_json: For a program instead of a person.

    Returns:
        Whether all of them would land.
    """
    reports = [trial(settings, path, options) for path in files]
    if as_json:
        show_json(reports)
    else:
        for report in reports:
            console.print(report["file"])
            for line in trial_lines(report):
                console.print(f"  {line}")
    return all(report["would_land"] for report in reports)
