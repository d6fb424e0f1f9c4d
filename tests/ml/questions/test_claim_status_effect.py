"""The verdict on a difference: chosen by tests overall and in each class, by equivalence and by composition."""

import numpy as np
import pytest

from ml.questions.claim_status_effect import Gap, effect, gaps, verdict
from ml.statistics.moments import EMPTY, Moments
from ml.statistics.t_tests import Interval


def group(count: int, mean: int) -> Moments:
    """Rows that alternate ten below and ten above a mean."""
    return Moments.of([mean - 10, mean + 10] * (count // 2))


def by_stratum(not_verified: dict[str, Moments], verified: dict[str, Moments]):
    cells = {
        name: {False: not_verified.get(name, EMPTY), True: verified.get(name, EMPTY)} for name in ("claim", "opinion")
    }
    everything = {side: cells["claim"][side].merge(cells["opinion"][side]) for side in (False, True)}
    return {"all": everything, **cells}


@pytest.mark.parametrize(
    ("not_verified", "verified", "expected"),
    [
        (
            {"claim": group(6000, 500), "opinion": group(4000, 100)},
            {"claim": group(1000, 500), "opinion": group(4000, 100)},
            "explained",
        ),
        (
            {"claim": group(500, 520), "opinion": group(500, 120)},
            {"claim": group(500, 500), "opinion": group(500, 100)},
            "masked",  # against the spread over both classes a gap of 20 is nothing
        ),
        (
            {"claim": group(5000, 600), "opinion": group(5000, 200)},
            {"claim": group(5000, 500), "opinion": group(5000, 100)},
            "not_explained",
        ),
        (
            {"claim": group(600, 550), "opinion": group(400, 150)},
            {"claim": group(300, 500), "opinion": group(600, 100)},
            "partly_explained",
        ),
        (
            {"claim": group(800, 500), "opinion": group(200, 100)},
            {"claim": group(200, 520), "opinion": group(800, 120)},
            "reversed",
        ),
        (
            {"claim": group(5000, 500), "opinion": group(5000, 100)},
            {"claim": group(5000, 500), "opinion": group(5000, 100)},
            "no_difference",
        ),
        (
            {"claim": group(520, 500), "opinion": group(480, 100)},
            {"claim": group(500, 508), "opinion": group(500, 108)},
            "masked",
        ),
        (
            {"claim": group(5000, 500), "opinion": group(5000, 100)},
            {"claim": group(5000, 500), "opinion": group(5000, 150)},
            "differs_in_one_class",
        ),
        (
            {"claim": group(600, 500), "opinion": group(400, 100)},
            {"claim": group(4, 501), "opinion": group(16, 101)},
            "undecided",
        ),
    ],
)
def test_the_verdict_follows_the_data(not_verified, verified, expected) -> None:
    assert effect(by_stratum(not_verified, verified)).verdict == expected


@pytest.mark.parametrize(
    ("not_verified", "verified", "reason"),
    [
        ({"claim": group(10, 500)}, {}, "group_empty"),
        ({"claim": group(10, 500)}, {"opinion": group(10, 100)}, "group_empty"),
        ({"claim": Moments.of([5, 5])}, {"claim": Moments.of([5, 5])}, "no_variation"),
    ],
)
def test_without_groups_in_both_classes_there_is_no_verdict(not_verified, verified, reason) -> None:
    found = effect(by_stratum(not_verified, verified))
    assert (found.verdict, found.reason) == ("not_testable", reason)


def test_a_share_is_kept_only_where_it_is_one() -> None:
    """Composition of more than everything, as in a reversal, is no share."""
    part = effect(
        by_stratum(
            {"claim": group(600, 550), "opinion": group(400, 150)},
            {"claim": group(300, 500), "opinion": group(600, 100)},
        )
    ).composition
    assert part is not None
    assert 0 < part.lower_bound < part.estimate < part.upper_bound < 1
    turned = by_stratum(
        {"claim": group(800, 500), "opinion": group(200, 100)}, {"claim": group(200, 520), "opinion": group(800, 120)}
    )
    assert effect(turned).composition is None


def test_equivalence_is_needed_before_a_gap_is_called_explained() -> None:
    overall = Gap(10.0, "differs")
    alike, unknown = Gap(0.1, "alike"), Gap(0.1, "open")
    whole = Interval(0.99, 0.9, 1.1)
    assert verdict(overall, {"claim": alike, "opinion": alike}, whole) == "explained"
    assert verdict(overall, {"claim": alike, "opinion": unknown}, whole) == "undecided"
    assert verdict(overall, {"claim": alike, "opinion": alike}, Interval(0.4, 0.3, 0.5)) == "partly_explained"


def test_each_class_is_tested_at_a_corrected_level() -> None:
    random = np.random.default_rng(3)

    def noise(count: int, shift: float = 0) -> Moments:
        return Moments.of([int(value) for value in random.normal(1000 + shift, 100, count)])

    moments = by_stratum({"claim": noise(400), "opinion": noise(400)}, {"claim": noise(400), "opinion": noise(400, 90)})
    found = gaps(moments)
    assert found["opinion"].status == "differs"
    assert found["claim"].status != "differs"
