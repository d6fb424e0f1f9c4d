import numpy as np
import pytest
from scipy import stats

from ml.hypothesis_tests import SampleMoments, welch_test


def moments(values: np.ndarray) -> SampleMoments:
    return SampleMoments(len(values), float(values.mean()), float(values.var(ddof=1)))


def test_agrees_with_scipy() -> None:
    random = np.random.default_rng(1)
    first, second = random.normal(3, 2, 50), random.normal(2, 5, 80)
    ours = welch_test(moments(first), moments(second))
    theirs = stats.ttest_ind(first, second, equal_var=False)
    interval = theirs.confidence_interval()
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-12)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-12)
    assert ours.degrees_of_freedom == pytest.approx(theirs.df, rel=1e-12)
    assert (ours.lower_bound, ours.upper_bound) == pytest.approx((interval.low, interval.high), rel=1e-12)


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        (SampleMoments(1, 1.0, 0.0), SampleMoments(9, 1.0, 1.0), "two rows"),
        (SampleMoments(5, 1.0, 0.0), SampleMoments(9, 1.0, 0.0), "varies"),
    ],
)
def test_untestable_groups_say_so(first, second, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        welch_test(first, second)
