"""Moments add up, and keep their digits where values are large."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.statistics.moments import EMPTY, Moments, NotTestableError, require_two_groups

whole_numbers = st.lists(st.integers(-(10**12), 10**12), min_size=2, max_size=50)


@given(whole_numbers)
def test_agrees_with_numpy(values) -> None:
    moments = Moments.of(values)
    assert moments.mean == pytest.approx(np.mean(values), rel=1e-9, abs=1e-6)
    assert moments.variance == pytest.approx(np.var(np.array(values, float), ddof=1), rel=1e-9, abs=1e-3)


@given(whole_numbers, st.data())
def test_two_halves_make_the_whole_in_any_order(values, data) -> None:
    cut = data.draw(st.integers(0, len(values)))
    shuffled = data.draw(st.permutations(values))
    assert Moments.of(shuffled[:cut]).merge(Moments.of(shuffled[cut:])) == Moments.of(values)
    assert EMPTY.merge(Moments.of(values)) == Moments.of(values)


def test_nist_certified_values_of_a_hard_variance() -> None:
    """NIST StRD NumAcc4 in tenths: mean 10000000.2 and standard deviation 0.1 exactly, which naive sums lose."""
    tenths = [100_000_002, *([100_000_001, 100_000_003] * 500)]
    moments = Moments.of(tenths)
    assert (moments.mean / 10, moments.deviation / 10) == (10_000_000.2, 0.1)


def test_what_is_unknown_is_not_a_number() -> None:
    assert np.isnan(EMPTY.mean)
    assert np.isnan(Moments.of([3]).variance)


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ([], [1, 2], "empty"),
        ([1], [1, 2], "single row"),
        ([4, 4], [5, 5], "neither group varies"),
    ],
)
def test_untestable_groups_say_so(first, second, sentence) -> None:
    with pytest.raises(NotTestableError, match=sentence):
        require_two_groups(Moments.of(first), Moments.of(second))
