"""A difference of means, taken apart into composition and the rest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.statistics.decomposition import kitagawa, standardised_difference
from ml.statistics.moments import Moments, NotTestableError

values = st.lists(st.integers(0, 1_000), min_size=2, max_size=20)
pairs = st.dictionaries(st.sampled_from(["claim", "opinion"]), st.tuples(values, values), min_size=1)


@given(pairs, st.sampled_from(["average", "first", "second"]))
def test_the_parts_add_up_to_the_difference(strata, reference) -> None:
    moments = {name: (Moments.of(first), Moments.of(second)) for name, (first, second) in strata.items()}
    split = kitagawa(moments, reference)
    first, second = (np.concatenate([pair[side] for pair in strata.values()]) for side in (0, 1))
    assert split.composition + split.within == pytest.approx(first.mean() - second.mean(), abs=1e-9)
    if len(strata) == 1:
        assert split.composition == 0


@given(values, values)
def test_in_one_stratum_nothing_is_left_to_adjust(first, second) -> None:
    one, two = Moments.of(first), Moments.of(second)
    if one.variance == two.variance == 0:
        return
    adjusted = standardised_difference({"claim": (one, two)})
    assert adjusted.difference == pytest.approx(one.mean - two.mean)
    expected = np.sqrt(np.var(first, ddof=1) / len(first) + np.var(second, ddof=1) / len(second))
    assert adjusted.standard_error == pytest.approx(expected)


def test_standardisation_by_hand() -> None:
    strata = {
        "claim": (Moments.of([10, 20]), Moments.of([10, 12])),
        "opinion": (Moments.of([1, 3]), Moments.of([2, 4, 2, 4])),
    }
    adjusted = standardised_difference(strata)
    assert adjusted.difference == pytest.approx(0.4 * 4 + 0.6 * -1)
    assert adjusted.observation_count == 10


@pytest.mark.parametrize(
    ("strata", "sentence"),
    [
        ({"claim": ([], [1, 2])}, "empty"),
        ({"claim": ([1, 2], [1, 2]), "opinion": ([], [3, 4])}, "no row in one"),
        ({"claim": ([1, 2], [1])}, "single row in one"),
        ({"claim": ([1, 1], [2, 2])}, "nothing varies"),
    ],
)
def test_what_cannot_be_adjusted_says_so(strata, sentence) -> None:
    moments = {name: (Moments.of(first), Moments.of(second)) for name, (first, second) in strata.items()}
    with pytest.raises(NotTestableError, match=sentence):
        standardised_difference(moments)
