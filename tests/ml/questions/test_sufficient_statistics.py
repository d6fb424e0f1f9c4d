"""Counts, sums and ranks from SQL are those of the rows."""

import numpy as np
import pandas as pd
import pytest

from ml.questions.sufficient_statistics import CANDIDATE_METRICS, read_moments, read_rank_counts, require_metric
from ml.statistics.moments import Moments
from warehouse.errors import UsageError


def videos(rows: int, seed: int = 3) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "video_view_count": random.integers(0, 10**9, rows),
            "video_like_count": random.integers(0, 5, rows),
            "verified_status": random.choice(["verified", "not verified"], rows),
            "claim_status": random.choice(np.array(["claim", "opinion", None], object), rows),
        }
    )


def test_moments_are_those_of_the_rows(engine_of) -> None:
    frame = videos(500)
    found = read_moments(engine_of(frame), CANDIDATE_METRICS)
    for metric in ("video_view_count", "video_like_count"):
        for verified in (False, True):
            labelled = frame[(frame["verified_status"] == "verified") == verified].dropna()
            assert found[metric]["all"][verified] == Moments.of(labelled[metric])
            claims = labelled[labelled["claim_status"] == "claim"]
            assert found[metric]["claim"][verified] == Moments.of(claims[metric])


def test_results_depend_neither_on_row_order_nor_on_threads(engine_of) -> None:
    # Enough rows for more than one of DuckDB's row groups, so that threads share the work.
    frame = videos(300_000)
    one = engine_of(frame, threads=1)
    other = engine_of(frame.assign(video_id=range(1, len(frame) + 1)).sample(frac=1, random_state=1), threads=4)
    assert read_moments(one, CANDIDATE_METRICS) == read_moments(other, CANDIDATE_METRICS)
    assert read_rank_counts(one, "video_view_count") == read_rank_counts(other, "video_view_count")


def test_the_largest_whole_numbers_do_not_overflow(engine_of) -> None:
    largest = 2**62
    frame = pd.DataFrame({"video_view_count": [largest, largest - 1], "claim_status": "claim"})
    assert read_moments(engine_of(frame), ("video_view_count",))["video_view_count"]["all"][False] == Moments.of(
        [largest, largest - 1]
    )


def test_no_rows_are_no_moments(engine_of) -> None:
    engine = engine_of(videos(0))
    assert read_moments(engine, ("video_view_count",))["video_view_count"]["all"][True] == (0, 0, 0)
    assert set(read_rank_counts(engine, "video_view_count")["opinion"]) == {0}


@pytest.mark.parametrize("metric", ["nothing", "video_id", "delivery_number", "claim_status", "1; drop table x"])
def test_only_measures_can_be_tested(metric) -> None:
    with pytest.raises(UsageError, match="video_view_count"):
        require_metric(metric)
