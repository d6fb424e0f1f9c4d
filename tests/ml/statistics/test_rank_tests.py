"""Rank tests from the exact counts that the SQL delivers, against scipy and against the definition."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from ml.questions.sufficient_statistics import read_rank_counts
from ml.statistics.moments import NotTestableError
from ml.statistics.rank_tests import RankCounts, cliffs_delta, mann_whitney
from warehouse.duckdb_engine import DuckDBEngine

groups = st.lists(st.integers(0, 20), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def memory():
    with DuckDBEngine(duckdb.connect(":memory:")) as engine:
        yield engine


def counts_of(engine: DuckDBEngine, first, second) -> RankCounts:
    videos = pd.DataFrame(
        {
            "video_view_count": [*first, *second],
            "is_verified": [False] * len(first) + [True] * len(second),
            "label": "claim",
        }
    )
    engine.connection.register("ranked_videos", videos)
    engine.connection.execute("create or replace table ranked as select * from ranked_videos")
    return read_rank_counts(engine, "video_view_count", "ranked")["claim"]


@settings(max_examples=40)
@given(first=groups, second=groups)
def test_mann_whitney_agrees_with_scipy(memory, first, second) -> None:
    assume(len(set(first + second)) > 1)
    ours = mann_whitney(counts_of(memory, first, second))
    theirs = stats.mannwhitneyu(first, second, method="asymptotic")
    assert ours.statistic == theirs.statistic
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)


@settings(max_examples=40)
@given(first=st.lists(st.integers(0, 20), min_size=2, max_size=30), second=groups)
def test_cliffs_delta_agrees_with_its_definition(memory, first, second) -> None:
    assume(len(second) > 1)
    counts = counts_of(memory, first, second)
    signs = np.sign(np.subtract.outer(np.array(first), np.array(second)))
    delta = cliffs_delta(counts)
    assert delta.estimate == pytest.approx(signs.mean(), abs=1e-12)
    assert -1 <= delta.lower_bound <= delta.estimate <= delta.upper_bound <= 1
    assert counts.first_dominance_squares == (signs.sum(axis=1) ** 2).sum()
    assert counts.second_dominance_squares == (signs.sum(axis=0) ** 2).sum()
    assert counts.tied_pairs == (signs == 0).sum()


def test_no_overlap_gives_the_end_of_the_scale(memory) -> None:
    assert cliffs_delta(counts_of(memory, [5, 6, 7], [1, 2])) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("first", "second", "sentence"), [([], [1], "empty"), ([], [], "empty"), ([2, 2], [2], "all values are equal")]
)
def test_what_cannot_be_ranked_says_so(memory, first, second, sentence) -> None:
    with pytest.raises(NotTestableError, match=sentence):
        mann_whitney(counts_of(memory, first, second))


def test_a_single_row_has_no_interval(memory) -> None:
    with pytest.raises(NotTestableError, match="single row"):
        cliffs_delta(counts_of(memory, [1], [2, 3]))
