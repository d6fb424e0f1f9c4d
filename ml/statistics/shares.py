"""Intervals of shares."""

from ml.statistics.t_tests import CONFIDENCE


def wilson(successes: int, count: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Interval of a share (Wilson 1927); of nothing it is [0, 1]."""
    # Prediction takes its measures from here too, and need not wait for statsmodels.
    from statsmodels.stats.proportion import proportion_confint

    if count == 0:
        return 0.0, 1.0
    lower, upper = proportion_confint(successes, count, alpha=1 - confidence, method="wilson")
    # At the ends the bound is the end itself, which rounding must not miss.
    return (0.0 if successes == 0 else float(lower)), (1.0 if successes == count else float(upper))
