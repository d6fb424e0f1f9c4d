"""The confusion matrix of a rule that names rows: what a regression and a classifier are both counted by."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix


class Confusion(NamedTuple):
    """Rows by what they are and what they were named."""

    true_negative_count: int
    false_positive_count: int
    false_negative_count: int
    true_positive_count: int

    @property
    def observation_count(self) -> int:
        """Rows measured."""
        return sum(self)

    @property
    def accuracy(self) -> float | None:
        """Share of rows called rightly."""
        return _ratio(self.true_negative_count + self.true_positive_count, self.observation_count)

    @property
    def precision(self) -> float | None:
        """Share of positives among the rows called positive; None where none was."""
        return _ratio(self.true_positive_count, self.true_positive_count + self.false_positive_count)

    @property
    def recall(self) -> float | None:
        """Share of the positives that were found."""
        return _ratio(self.true_positive_count, self.true_positive_count + self.false_negative_count)

    @property
    def f1_score(self) -> float | None:
        """Harmonic mean of precision and recall."""
        wrong = self.false_positive_count + self.false_negative_count
        return _ratio(2 * self.true_positive_count, 2 * self.true_positive_count + wrong)

    @property
    def majority_accuracy(self) -> float | None:
        """Accuracy of always naming the larger class."""
        positives = self.true_positive_count + self.false_negative_count
        return _ratio(max(positives, self.observation_count - positives), self.observation_count)


def confusion_at(
    outcome: NDArray[np.int64 | np.bool_], probabilities: NDArray[np.float64], threshold: float
) -> Confusion:
    """Count the calls that name every row positive from a probability on.

    Args:
        outcome: Whether each row is positive; shape (rows,), as are the probabilities.
        probabilities: Of being positive.
        threshold: The lowest probability that is named positive.

    Returns:
        The four counts.
    """
    return confusion_of(outcome, probabilities >= threshold)


def confusion_of(outcome: NDArray[np.int64 | np.bool_], called: NDArray[np.bool_]) -> Confusion:
    """Count calls by what the rows are.

    Args:
        outcome: Whether each row is positive; shape (rows,).
        called: Whether each row was named positive; shape (rows,).

    Returns:
        The four counts.
    """
    return Confusion(*(int(count) for count in confusion_matrix(outcome, called, labels=[0, 1]).ravel()))


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
