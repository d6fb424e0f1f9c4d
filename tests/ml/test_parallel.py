"""Work on several threads: the same results, limits and warnings."""

import threading
import warnings
from functools import partial

import pytest

from ml.parallel import in_parallel


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_given(threads: int) -> None:
    assert in_parallel([partial(pow, number, 2) for number in range(20)], threads) == [n**2 for n in range(20)]


def test_pieces_run_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=10)
    assert sorted(in_parallel([meeting.wait, meeting.wait], 2)) == [0, 1]


def test_the_first_error_is_raised_and_no_further_piece_begins() -> None:
    begun = []

    def fail() -> None:
        begun.append("failed")
        raise ValueError("no")

    def late() -> None:
        begun.append("late")
        waiting.wait(0.1)

    waiting = threading.Event()
    with pytest.raises(ValueError, match="no"):
        in_parallel([fail, partial(waiting.wait, 0.2), *[late] * 50], 2)
    assert len(begun) < 51


def test_warning_filters_are_as_before_whatever_the_threads_did_to_them() -> None:
    before = list(warnings.filters)
    in_parallel([warnings.resetwarnings, partial(warnings.simplefilter, "always")], 2)
    assert warnings.filters == before
