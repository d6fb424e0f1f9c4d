"""Regressions that are either at their optimum or refused with a sentence, never silently on the way."""

import warnings
from typing import Any, Self

from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from warehouse.errors import DataError


class NotFittedError(DataError):
    """The regression cannot be fitted; the message says why in one clear sentence."""


class SettledLogisticRegression(LogisticRegression):  # type: ignore[misc]  # scikit-learn has no types (2026-11)
    """Logistic regression whose solver must have arrived; parameters are scikit-learn's."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to the optimum.

        Args:
            X: Numeric terms.
            y: Two classes.
            sample_weight: Of each row.

        Returns:
            Itself.

        Raises:
            NotFittedError: The solver stopped before it.
        """
        refusal = f"the solver stopped before its optimum, within {self.max_iter:,} steps"
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            try:
                super().fit(X, y, sample_weight)
            except ConvergenceWarning as warning:
                raise NotFittedError(refusal) from warning
        # Another thread may have put the filter away meanwhile.
        if self.n_iter_.max() >= self.max_iter:
            raise NotFittedError(refusal)
        return self
