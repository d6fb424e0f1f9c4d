"""Numbers as they are written in sentences and tables."""

import pytest

from wording import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.0\u00a0%"),
        (1, "100.0\u00a0%"),
        (0.99999, "over 99.9\u00a0%"),
        (0.0001, "under 0.1\u00a0%"),
        (0.5034, "50.3\u00a0%"),
        (None, "not known"),
    ],
)
def test_a_share_reads_as_all_or_none_only_when_it_is(value, text):
    assert numbers.share(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (8616.0, "8,616"),
        (365245.5, "365,246"),
        (0.0231, "0.0231"),
        (32.42, "32.4"),
        (None, "not known"),
        (float("nan"), "not known"),
    ],
)
def test_quantities_keep_three_digits_below_a_hundred(value, text):
    assert numbers.quantity(value) == text


def test_small_p_values_are_bounds():
    assert numbers.p_value(2.6e-120) == "under 0.001"
    assert numbers.p_value(0.0617) == "0.062"


def test_lists_read_like_sentences():
    assert numbers.listing([]) == ""
    assert numbers.listing(["one"]) == "one"
    assert numbers.listing(["one", "two", "three"]) == "one, two and three"


def test_zero_is_zero_and_what_only_looks_like_it_is_a_bound():
    assert numbers.decimal(0.0, 4) == "0"
    assert numbers.decimal(0.00001, 4) == "under 0.0001"
    assert numbers.interval(0.0, 0.00001, 4) == "0 to under 0.0001"
    assert numbers.interval(0.5, 0.75, 2) == "0.50 to 0.75"
