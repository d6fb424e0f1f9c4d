"""The shape of a result row: numbers, a verdict and codes; `wording` makes its sentence."""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple, Self

from ml.statistics.t_tests import CONFIDENCE, SIGNIFICANCE
from wording.codes import CLEAR, NOT_CLEAR


class Result(NamedTuple):
    """One row of `ml.statistical_results`, without its number and sentence."""

    question: str
    metric: str
    stratum: str
    term: str
    method: str
    estimate: float | None = None
    estimate_unit: str | None = None
    log_odds: float | None = None
    standardised_log_odds: float | None = None
    lower_bound: float | None = None
    upper_bound: float | None = None
    confidence_level: float | None = None
    margin: float | None = None
    statistic_name: str | None = None
    statistic: float | None = None
    degrees_of_freedom: float | None = None
    p_value: float | None = None
    adjusted_p_value: float | None = None
    observation_count: int | None = None
    assumption_status: str | None = None
    verdict: str | None = None
    reason: str | None = None

    def refused(self, reason: str) -> Self:
        """The row of what cannot be computed, with the code of the reason."""
        return self._replace(reason=reason)

    def counted(self, observation_count: int) -> Self:
        """With the rows that it rests on."""
        return self._replace(observation_count=observation_count)

    def with_estimate(
        self, estimate: float | None, unit: str, bounds: tuple[float, float] | tuple[None, None] = (None, None)
    ) -> Self:
        """With a number and its interval.

        Args:
            estimate: None where there is none.
            unit: In words, as for `videos`.
            bounds: Lower and upper bound of the interval.

        Returns:
            The completed row.
        """
        return self._replace(estimate=estimate, estimate_unit=unit, lower_bound=bounds[0], upper_bound=bounds[1])

    def with_test(
        self, statistic_name: str, statistic: float, p_value: float, degrees_of_freedom: float | None = None
    ) -> Self:
        """With a test, and the verdict that it has by itself.

        Args:
            statistic_name: As in the field's tables: t, U, chi-squared.
            statistic: Its value.
            p_value: Two-sided, before any correction.
            degrees_of_freedom: None where the statistic has none.

        Returns:
            The completed row.
        """
        return self._replace(
            statistic_name=statistic_name,
            statistic=statistic,
            degrees_of_freedom=degrees_of_freedom,
            p_value=p_value,
            verdict=clear_or_not(p_value),
        )

    def judged(self, verdict: str | None) -> Self:
        """With a verdict that a single test does not give."""
        return self._replace(verdict=verdict)

    def assuming(self, assumption_status: str) -> Self:
        """With the code of what must hold for it."""
        return self._replace(assumption_status=assumption_status)


def as_rows(results: Iterable[Any], number: str | None = None) -> list[dict[str, Any]]:
    """Turn named tuples into rows of a result table.

    Args:
        results: Named tuples with the fields of the table's columns.
        number: Column that numbers the rows from 1.

    Returns:
        One dictionary per row; what is not a finite number becomes NULL, and an interval has its coverage beside it.
    """
    rows = []
    for position, result in enumerate(results, start=1):
        row = {key: _finite(value) for key, value in result._asdict().items()}
        if "confidence_level" in row and row.get("lower_bound") is not None:
            row["confidence_level"] = CONFIDENCE
        rows.append({number: position, **row} if number else row)
    return rows


def is_significant(p_value: float) -> bool:
    """Whether a p-value is below the 5 % level."""
    return p_value < SIGNIFICANCE


def clear_or_not(p_value: float) -> str:
    """The verdict of a single test."""
    return CLEAR if is_significant(p_value) else NOT_CLEAR


def _finite(value: Any) -> Any:
    if isinstance(value, float):  # numpy's doubles are floats too
        return float(value) if math.isfinite(value) else None
    return value
