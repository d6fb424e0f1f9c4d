"""How numbers are written on a page: one way for each kind."""

import math

NOTHING = "not known"


def count(value: float | None) -> str:
    """A whole number with thousands separators."""
    return NOTHING if value is None else f"{round(value):,}"


def things(value: float | None, name: str) -> str:
    """A count with its noun, for example `1 claim` or `2 claims`."""
    return f"{count(value)} {name}{'' if value == 1 else 's'}"


def share(value: float | None) -> str:
    """A share of one as a percentage; only exact zero and one read as none and all."""
    if value is None:
        return NOTHING
    if 0 < value < 0.0005:
        return "under 0.1\u00a0%"
    if 0.9995 <= value < 1:
        return "over 99.9\u00a0%"
    return f"{100 * value:.1f}\u00a0%"


def quantity(value: float | None) -> str:
    """A measured amount: whole from one hundred, else three significant digits."""
    if value is None or math.isnan(value):
        return NOTHING
    if value == round(value) or abs(value) >= 100:
        return f"{round(value):,}"
    return f"{value:.3g}"


def decimal(value: float | None, digits: int = 2) -> str:
    """A number with a fixed number of decimals."""
    return NOTHING if value is None or math.isnan(value) else f"{value:,.{digits}f}"


def p_value(value: float | None) -> str:
    """A p-value; small ones as a bound."""
    if value is None:
        return NOTHING
    return "under 0.001" if value < 0.001 else f"{value:.3f}"


def times(value: float) -> str:
    """A ratio in words that a sentence can hold, for example `100 times`."""
    return f"{value:.1f} times" if value < 10 else f"{round(value):,} times"


def interval(lower: float | None, upper: float | None, digits: int | None = None) -> str:
    """Two bounds of an interval."""
    if lower is None or upper is None:
        return NOTHING
    if digits is None:
        return f"{quantity(lower)} to {quantity(upper)}"
    return f"{decimal(lower, digits)} to {decimal(upper, digits)}"


def listing(items: list[str]) -> str:
    """Words joined as in a sentence."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def capitalise(sentence: str) -> str:
    """Upper case for the first letter only."""
    return sentence[:1].upper() + sentence[1:]
