"""Meanings and actions of the assumption checks: chosen by name, status and code, filled with the row's numbers."""

import pytest

from wording import assumption_checks, codes

CHECK = {"term": "all terms", "statistic": 2.5, "statistic_name": "", "observation_count": 4, "code": None}
DETAILS = {
    "excess_kurtosis": 1.0,
    "largest": [(140, 0.25)],
    "events": 30,
    "terms": 3,
    "penalty": 1.0,
    "omitted": "size",
}


def row(check_name: str, status: str, **more: object) -> dict:
    return {**CHECK, "check_name": check_name, "status": status, "details": DETAILS, **more}


def test_the_table_gets_texts_and_none_of_what_only_they_need():
    (said,) = assumption_checks.with_texts([row(codes.INFLUENCE, codes.PASSED)])
    assert said["meaning"] == (
        "Largest Cook's distances, by the video's id: 140 (0.2500). No single video moves the estimates much."
    )
    assert said["action"] == "No row was removed."
    assert not {"code", "details"} & set(said)


@pytest.mark.parametrize(
    ("check_name", "more", "passed", "failed"),
    [
        (codes.EVENTS, {}, "None needed.", "do not act on them"),
        (codes.SAMPLE_SIZE, {}, "None needed.", "Trust the rank"),
        (codes.NORMALITY, {}, "None needed.", "ranks stand beside it"),
        (codes.LINEARITY, {"details": None}, "Kept linear.", "read it as an average"),
        (codes.LINEARITY, {}, "Kept linear.", "Size is in the model"),
        (codes.MULTICOLLINEARITY, {}, "Kept.", "its interval already carries"),
        (codes.MULTICOLLINEARITY, {"statistic_name": codes.CONDITION_NUMBER}, "Kept.", "single odds ratios with care"),
        (codes.SEPARATION, {}, "None needed.", "L2 penalty (C = 1)"),
        (codes.CONVERGENCE, {"code": "not_converged"}, "None needed.", "L2 penalty (C = 1)"),
    ],
)
def test_the_action_follows_the_status(check_name: str, more: dict, passed: str, failed: str):
    actions = [assumption_checks.texts(row(check_name, status, **more))[1] for status in (codes.PASSED, codes.FAILED)]
    assert actions[0] == passed
    assert failed in actions[1]


def test_a_check_that_cannot_be_done_says_why():
    few = row(codes.NORMALITY, codes.NOT_APPLICABLE, code=codes.FEW_OR_CONSTANT, details={"minimum": 20})
    assert assumption_checks.texts(few) == ("Fewer than 20 videos, or no variation.", "Nothing.")
    unfitted = row(codes.CONVERGENCE, codes.NOT_APPLICABLE, code="no_varying_term", details=None)
    assert assumption_checks.texts(unfitted)[0] == "Not fitted: no term varies."
