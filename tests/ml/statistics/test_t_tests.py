"""Tests of means against NIST, scipy and statsmodels."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from ml.statistics.moments import Moments, NotTestableError
from ml.statistics.multiplicity import holm
from ml.statistics.t_tests import cohens_d, equivalence_test, pooled_deviation, power_analysis, student_test, welch_test

groups = st.lists(st.integers(0, 1_000_000), min_size=2, max_size=60)


def exactly(value: float):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


@given(groups, groups)
def test_both_t_tests_agree_with_scipy(first, second) -> None:
    assume(np.ptp(first) > 0 and np.ptp(second) > 0)
    for test, equal_variances in ((welch_test, False), (student_test, True)):
        ours = test(Moments.of(first), Moments.of(second))
        theirs = stats.ttest_ind(first, second, equal_var=equal_variances)
        interval = theirs.confidence_interval()
        scale = abs(interval.high) + abs(interval.low)
        assert ours.statistic == exactly(theirs.statistic)
        assert ours.p_value == exactly(theirs.pvalue)
        assert ours.degrees_of_freedom == exactly(theirs.df)
        assert ours.lower_bound == pytest.approx(interval.low, rel=1e-9, abs=1e-9 * scale)
        assert ours.upper_bound == pytest.approx(interval.high, rel=1e-9, abs=1e-9 * scale)


@given(groups, groups)
def test_equivalence_agrees_with_statsmodels(first, second) -> None:
    assume(np.ptp(first) > 0 and np.ptp(second) > 0)
    ours = equivalence_test(Moments.of(first), Moments.of(second))
    compare = CompareMeans(DescrStatsW(np.array(first, float)), DescrStatsW(np.array(second, float)))
    assert ours.p_value == exactly(float(compare.ttost_ind(-ours.margin, ours.margin, usevar="unequal")[0]))


@settings(max_examples=25)
@given(groups, groups)
def test_the_interval_of_cohens_d_has_its_coverage(first, second) -> None:
    assume(np.ptp(first) > 0 and np.ptp(second) > 0)
    one, two = Moments.of(first), Moments.of(second)
    effect, test = cohens_d(one, two), student_test(one, two)
    assert effect.lower_bound <= effect.estimate <= effect.upper_bound
    assert effect.estimate == exactly(test.difference / pooled_deviation(one, two))
    assume(abs(test.statistic) < 30)
    scale = np.sqrt(1 / len(first) + 1 / len(second))
    tails = [
        stats.nct.cdf(test.statistic, test.degrees_of_freedom, bound / scale)
        for bound in (effect.lower_bound, effect.upper_bound)
    ]
    assert tails == pytest.approx([0.975, 0.025], abs=1e-4)


def test_cohens_d_of_a_vast_effect_is_still_an_interval() -> None:
    first, second = Moments(5_000_000, 10**12, 10**18), Moments(5_000_000, 10**10, 10**15)
    effect = cohens_d(first, second)
    assert effect.lower_bound < effect.estimate < effect.upper_bound


def test_nist_handbook_car_mileage() -> None:
    """NIST/SEMATECH e-Handbook 1.3.5.3, AUTO83B: 249 and 79 cars with means 20.14458 and 30.48101."""
    american, japanese = Moments(249, 5_016, 111_250), Moments(79, 2_408, 76_308)
    assert (american.mean, japanese.mean) == pytest.approx((20.14458, 30.48101), abs=5e-6)
    assert (american.deviation, japanese.deviation) == pytest.approx((6.41470, 6.10771), abs=5e-6)
    equal, unequal = student_test(american, japanese), welch_test(american, japanese)
    assert equal.statistic == pytest.approx(-12.62059, abs=5e-6)
    assert equal.degrees_of_freedom == 326
    assert pooled_deviation(american, japanese) == pytest.approx(6.34260, abs=5e-6)
    assert unequal.statistic == pytest.approx(-12.94627, abs=5e-6)
    assert unequal.degrees_of_freedom == pytest.approx(136.8750, abs=5e-5)


@pytest.mark.parametrize("p_values", [[0.2], [0.04, 0.01, 0.03, 0.005], [1.0, 0.0, 0.5, 0.5]])
def test_holm_agrees_with_statsmodels_and_skips_what_was_not_tested(p_values) -> None:
    adjusted = holm([None, *p_values, None])
    assert adjusted[0] is None
    assert adjusted[-1] is None
    assert adjusted[1:-1] == [exactly(value) for value in multipletests(p_values, method="holm")[1]]
    assert holm([None]) == [None]


@pytest.mark.parametrize(("first", "second"), [(17_884, 1_200), (9_399, 209), (20, 20), (2, 40), (9_000_000, 600_000)])
def test_the_detectable_effect_is_found_with_the_power_it_names(first, second) -> None:
    effect = power_analysis(first, second).detectable_effect
    freedom = first + second - 2
    noncentrality = effect / np.sqrt(1 / first + 1 / second)
    critical = stats.t.ppf(0.975, freedom)
    power = stats.nct.sf(critical, freedom, noncentrality) + stats.nct.cdf(-critical, freedom, noncentrality)
    assert power == pytest.approx(0.8, abs=2e-4)


def test_power_needs_two_rows_per_group() -> None:
    with pytest.raises(NotTestableError, match="fewer than two rows"):
        power_analysis(1, 10)
