"""The shape of a result row and the words in which results are said."""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from ml.statistics.t_tests import CONFIDENCE, SIGNIFICANCE

METRIC_NOUNS = {
    "video_view_count": "views",
    "video_like_count": "likes",
    "video_share_count": "shares",
    "video_download_count": "downloads",
    "video_comment_count": "comments",
    "video_duration_sec": "seconds of length",
    "transcription_character_count": "characters of transcript",
}
STRATUM_WORDS = {
    "all": "all labelled videos",
    "claim": "claims",
    "opinion": "opinions",
    "unlabelled": "unlabelled videos",
}
GROUP_CONTRAST = "not verified - verified"


class Result(NamedTuple):
    """One row of `ml.statistical_results`, without its number."""

    question: str
    metric: str
    stratum: str
    term: str
    method: str
    sentence: str
    estimate: float | None = None
    estimate_unit: str | None = None
    log_odds: float | None = None
    lower_bound: float | None = None
    upper_bound: float | None = None
    confidence_level: float | None = None
    statistic_name: str | None = None
    statistic: float | None = None
    degrees_of_freedom: float | None = None
    p_value: float | None = None
    adjusted_p_value: float | None = None
    observation_count: int | None = None
    assumption_status: str | None = None


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


def noun(metric: str) -> str:
    """What a metric counts, in the plural."""
    return METRIC_NOUNS.get(metric, metric)


def amount(value: float) -> str:
    """A number for a sentence: thousands separated, and three significant digits below a hundred."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percent(share: float) -> str:
    """A share as a percentage."""
    return f"{share * 100:.1f} %"


def p_text(p_value: float) -> str:
    """A p-value for a sentence."""
    return "p < .001" if p_value < 0.001 else f"p = {p_value:.3f}".replace("0.", ".")


def ratio_interval_text(lower: float, upper: float) -> str:
    """The interval of a ratio in words."""
    return f"95 % interval {lower:.3f} to {upper:.3f}"


def interval_text(lower: float, upper: float) -> str:
    """The interval in words."""
    return f"95 % interval {amount(lower)} to {amount(upper)}"


def oriented_interval(difference: float, lower: float, upper: float) -> str:
    """The interval of the size of a difference, in the direction that the estimate has."""
    return interval_text(lower, upper) if difference >= 0 else interval_text(-upper, -lower)


def difference_words(metric: str, difference: float, lower: float, upper: float) -> str:
    """A difference with its interval, as so many more or fewer."""
    direction = "more" if difference >= 0 else "fewer"
    return f"{amount(abs(difference))} {direction} {noun(metric)} ({oriented_interval(difference, lower, upper)})"


def not_testable(metric: str, stratum: str, reason: Exception) -> str:
    """Why there is no number."""
    return f"Not testable for {noun(metric)} among {STRATUM_WORDS[stratum]}: {reason}."


def is_significant(p_value: float) -> bool:
    """Whether a p-value is below the 5 % level."""
    return p_value < SIGNIFICANCE


def _finite(value: Any) -> Any:
    if isinstance(value, float):  # numpy's doubles are floats too
        return float(value) if math.isfinite(value) else None
    return value
