"""Sufficient statistics of a mean: exact, additive, and all that the t-tests need."""

from collections.abc import Iterable
from typing import NamedTuple, Self

import numpy as np

from wording import codes


class Moments(NamedTuple):
    """Count, sum and sum of squares of whole numbers.

    The sums are Python integers, so that two halves make the whole exactly, whatever the order of rows or the number
    of threads, and a large mean costs the variance no digits.
    """

    row_count: int
    total: int
    squares: int

    @classmethod
    def of(cls, values: Iterable[int]) -> Self:
        """Moments of values at hand."""
        whole = [int(value) for value in values]
        return cls(len(whole), sum(whole), sum(value * value for value in whole))

    def merge(self, other: Self) -> Self:
        """Moments of both parts together."""
        return type(self)(self.row_count + other.row_count, self.total + other.total, self.squares + other.squares)

    @property
    def mean(self) -> float:
        """Mean, correctly rounded; not a number without rows."""
        return self.total / self.row_count if self.row_count else float("nan")

    @property
    def variance(self) -> float:
        """Sample variance (n - 1 in the denominator), correctly rounded; not a number below two rows."""
        if self.row_count < 2:
            return float("nan")
        return (self.row_count * self.squares - self.total**2) / (self.row_count * (self.row_count - 1))

    @property
    def deviation(self) -> float:
        """Sample standard deviation."""
        return float(np.sqrt(self.variance))


EMPTY = Moments(0, 0, 0)


class NotTestableError(ValueError):
    """The data do not allow the estimate.

    Args:
        reason: Why: a code of the seed `code_texts`, whose text is the message.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(codes.text("reason", reason))
        self.reason = reason


def require_two_groups(first: Moments, second: Moments) -> None:
    """Refuse groups from which no difference of means can be tested.

    Args:
        first: Moments of one group.
        second: Moments of the other.

    Raises:
        NotTestableError: A group is empty or has one row, or neither varies.
    """
    if min(first.row_count, second.row_count) == 0:
        raise NotTestableError("group_empty")
    if min(first.row_count, second.row_count) == 1:
        raise NotTestableError("group_single_row")
    if first.variance == 0 and second.variance == 0:
        raise NotTestableError("no_variation")
