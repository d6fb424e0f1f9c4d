"""Permutation and bootstrap against distributions that are known."""

import numpy as np
import pytest
from scipy import stats

from ml.statistics.moments import NotTestableError
from ml.statistics.resampling import bootstrap_difference, permutation_p_value

RANDOM = np.random.default_rng(5)
NEAR, FAR = RANDOM.normal(0, 1, 200), RANDOM.normal(0.25, 1, 300)


def test_both_come_close_to_the_t_test_on_normal_data() -> None:
    theirs = stats.ttest_ind(NEAR, FAR, equal_var=False)
    interval = theirs.confidence_interval()
    assert permutation_p_value(NEAR, FAR) == pytest.approx(theirs.pvalue, abs=0.02)
    ours = bootstrap_difference(NEAR, FAR)
    assert ours.estimate == pytest.approx(NEAR.mean() - FAR.mean())
    assert ours[1:] == pytest.approx((interval.low, interval.high), abs=0.03)


def test_the_same_rows_give_the_same_draws() -> None:
    assert permutation_p_value(NEAR, FAR) == permutation_p_value(NEAR, FAR)
    assert bootstrap_difference(NEAR, FAR) == bootstrap_difference(NEAR, FAR)


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [([], [1.0], "empty"), ([2.0, 2.0], [2.0, 2.0], "equal"), ([1.0], [1.0, 2.0], "single")],
)
def test_what_cannot_be_redrawn_says_so(first, second, sentence) -> None:
    with pytest.raises(NotTestableError, match=sentence):
        bootstrap_difference(np.array(first), np.array(second))
