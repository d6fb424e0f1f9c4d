"""Even spreads look simulated, natural ones do not, and few videos say neither."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from ml.classifier.uniformity import distance_from_even, uniformity
from wording.claim_results import robustness
from wording.delivery import origin

DELIVERED = [{"is_synthetic": False}]


def videos(rows: int, *, even: bool) -> pd.DataFrame:
    random = np.random.default_rng(4)
    is_claim = np.arange(rows) % 2 == 0
    drawn = random.integers(20, 10_000, rows) if even else np.floor(random.lognormal(8, 1, rows))
    return pd.DataFrame(
        {
            "is_claim": is_claim,
            "video_view_count": np.where(is_claim, 100 * drawn, drawn).astype(float),
            "video_duration_sec": np.full(rows, 30.0),
        }
    )


@pytest.mark.parametrize(("rows", "even", "expected"), [(8_000, True, True), (8_000, False, False), (300, True, False)])
def test_only_many_even_values_look_simulated(rows: int, even: bool, expected: bool) -> None:
    found = [
        {**row, "sentence": robustness({**row, "metric_value": row["metric_value"]})}
        for row in uniformity(videos(rows, even=even))
    ]
    assert [row["subject"] for row in found] == ["video_view_count of claims", "video_view_count of opinions"]
    assert {row["is_warning"] for row in found} == {expected}
    assert all(row["lower_bound"] <= row["metric_value"] <= row["upper_bound"] for row in found)
    assert all(("look simulated" in row["sentence"]) == expected for row in found)
    assert ("look simulated: views of claims and views of opinions" in origin(DELIVERED, found)) == expected


def test_the_distance_is_that_of_kolmogorov_and_smirnov() -> None:
    values = np.sort(np.random.default_rng(1).uniform(0, 1_000_000, 500).round())
    expected = kstest(values + 0.5, "uniform", args=(values[0], values[-1] - values[0] + 1)).statistic
    assert distance_from_even(values) == pytest.approx(expected, abs=1e-5)
    assert distance_from_even(np.arange(1.0, 61.0)) == pytest.approx(0, abs=1e-12)
