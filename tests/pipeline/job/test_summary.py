"""The last words of the main job."""

from pipeline.job.step import Outcome, StepResult
from pipeline.job.summary import totals
from tests.conftest import TWIN_ROWS
from warehouse.settings import Settings


def test_the_totals_count_the_checks_of_the_steps(built_warehouse: Settings) -> None:
    results = [StepResult("build", 1.0, Outcome(1, "", 90)), StepResult("audit", 1.0, Outcome(1, "", 20))]
    line = totals(built_warehouse, results)
    # Reports and decisions come in beside the videos.
    assert int(line.split(" rows in, 0 rejected; ")[0].replace(",", "")) > TWIN_ROWS
    assert line.endswith(" 110 checks passed.")


def test_skipped_steps_are_not_taken_for_unchecked(built_warehouse: Settings) -> None:
    results = [StepResult("build", 0.0, Outcome(0, ""), is_skipped=True), StepResult("audit", 1.0, Outcome(1, "", 20))]
    assert totals(built_warehouse, results).endswith(
        " 20 checks passed in this run, those of the skipped steps before."
    )
