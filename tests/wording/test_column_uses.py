"""What a column is said to be good for follows what was measured of it."""

import pytest

from wording import column_uses

VIEWS = "video_view_count"


def measured(subject: str, auc: float | None, lower: float | None = None, *, is_warning: bool = False) -> dict:
    row = {"check_name": "single_feature", "subject": subject, "metric_value": auc, "is_warning": is_warning}
    return {**row, "lower_bound": auc if lower is None else lower}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (measured(VIEWS, 0.995, is_warning=True), "By itself it all but gives the label away."),
        (measured(VIEWS, 0.95), "By itself it tells claims from opinions well."),
        (measured(VIEWS, 0.75), "By itself it tells claims from opinions in part."),
        (measured(VIEWS, 0.6, 0.55), "By itself it hardly tells claims from opinions."),
        (measured(VIEWS, 0.51, 0.49), "By itself it does not clearly tell claims from opinions."),
        (measured(VIEWS, None), ""),
    ],
)
def test_what_a_column_tells_follows_its_measure(row: dict, told: str):
    assert column_uses.use(VIEWS, [row]) == f"Known only after the video has spread. {told}".strip()


def test_without_a_measure_nothing_is_said_of_what_a_column_tells():
    assert column_uses.use("video_duration_sec", []) == "Known at once."
    assert column_uses.use("video_id", [measured(VIEWS, 0.95)]) == "The key, and never a feature."


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (measured("file position", 1.0, is_warning=True), " By itself it all but gives the label away."),
        (measured("file position", 0.5, 0.48), " By itself it does not clearly tell claims from opinions."),
        (measured(VIEWS, 1.0, is_warning=True), ""),
    ],
)
def test_the_order_of_the_file_is_judged_by_what_it_gives_away(row: dict, told: str):
    assert (
        column_uses.left_out([row])[0] == f"No model may use the order of the rows or their running number (#).{told}"
    )
