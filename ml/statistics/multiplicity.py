"""Corrections where many tests are read together."""

from statsmodels.stats.multitest import multipletests


def holm(p_values: list[float | None]) -> list[float | None]:
    """Holm's step-down correction over the tests that could be done; None stays None."""
    known = [value for value in p_values if value is not None]
    if len(known) < 2:  # nothing to correct, and statsmodels 0.14 collects all garbage in each call (2026-11)
        return list(p_values)
    adjusted = iter(multipletests(known, method="holm")[1])
    return [None if value is None else float(next(adjusted)) for value in p_values]
