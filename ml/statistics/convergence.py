"""Regressions that are either at their optimum or refused with a sentence, never silently on the way."""

import warnings
from typing import Any, Self

from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from warehouse.errors import DataError
from wording import codes


class NotFittedError(DataError):
    """The regression cannot be fitted.

    Args:
        reason: Why: a code of the seed `code_texts`, whose text is the message.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(codes.text("reason", reason))
        self.reason = reason


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
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            # Newton's method hands over to L-BFGS where rounding leaves it no step, as with constant terms and classes
            # of equal size (scikit-learn 1.9, 2026-11): that one arrives, or warns itself.
            warnings.filterwarnings("ignore", message=r"(?s).*It will now resort to lbfgs")
            try:
                super().fit(X, y, sample_weight)
            except ConvergenceWarning as warning:
                raise NotFittedError("solver_stopped") from warning
        # Another thread may have put the filter away meanwhile.
        if self.n_iter_.max() >= self.max_iter:
            raise NotFittedError("solver_stopped")
        return self
