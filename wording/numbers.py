"""How numbers are written: one way for each kind, in sentences, tables, the terminal and the cards."""

import math

NOTHING = "not known"
PERCENT = "\u00a0%"
SMALLEST = 0.001
"""Of a share, an amount or a p-value: what is smaller is written as a bound."""


def count(value: float | None) -> str:
    """A whole number with thousands separators."""
    return NOTHING if value is None else f"{round(value):,}"


def about(value: float | None) -> str:
    """A large count for a text: from a million on in words, for example `4.8 billion`."""
    for size, name in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if value is not None and abs(value) >= 0.9995 * size:
            return f"{value / size:.1f} {name}"
    return count(value)


def rounded(value: float) -> str:
    """A count to two digits, for a rough statement that says «about»."""
    digits = max(0, math.floor(math.log10(max(abs(value), 1))) - 1)
    return f"{round(value, -digits):,.0f}"


def things(value: float | None, name: str) -> str:
    """A count with its noun, for example `1 claim` or `2 claims`."""
    return f"{count(value)} {name}{'' if value == 1 else 's'}"


def share(value: float | None) -> str:
    """A share of one as a percentage; only exact zero and one read as none and all."""
    if value is None:
        return NOTHING
    if 0 < value < SMALLEST / 2:
        return f"under {100 * SMALLEST:.1f}{PERCENT}"
    if 1 - SMALLEST / 2 <= value < 1:
        return f"over {100 * (1 - SMALLEST):.1f}{PERCENT}"
    return f"{100 * value:.1f}{PERCENT}"


def points(larger: float, smaller: float) -> str:
    """The difference of two shares in percentage points, as the two printed percentages subtract."""
    return f"{abs(round(100 * larger, 1) - round(100 * smaller, 1)):.1f} percentage points"


def quantity(value: float | None) -> str:
    """A measured amount: whole from one hundred, else three significant digits; tiny ones as a bound."""
    if value is None or math.isnan(value):
        return NOTHING
    if value == round(value) or abs(value) >= 100:
        return f"{round(value):,}"
    if abs(value) < SMALLEST:
        return f"under {SMALLEST}" if value > 0 else f"over \u2212{SMALLEST}"
    return f"{value:.3g}"


def decimal(value: float | None, digits: int = 2) -> str:
    """A number with a fixed number of decimals; zero as such, and what would only read as zero as a bound."""
    if value is None or math.isnan(value):
        return NOTHING
    if value == 0:
        return "0"
    written = f"{value:,.{digits}f}"
    if float(written.replace(",", "")) == 0:
        smallest = f"{10**-digits:.{digits}f}"
        return f"under {smallest}" if value > 0 else f"over \u2212{smallest}"
    return written


def hours(value: float | None) -> str:
    """A time in a column of hours: one decimal in every row."""
    return decimal(value, 1)


def amount(value: float | None) -> str:
    """A sum of money in a column: two decimals in every row."""
    return decimal(value, 2)


def p_value(value: float | None) -> str:
    """A p-value for a table; small ones as a bound."""
    if value is None:
        return NOTHING
    return f"under {SMALLEST}" if value < SMALLEST else f"{value:.3f}"


def p_text(value: float) -> str:
    """A p-value for a sentence."""
    return f"p under {SMALLEST}" if value < SMALLEST else f"p = {value:.3f}"


def times(value: float) -> str:
    """A ratio in words that a sentence can hold, for example `100 times`."""
    return f"{value:.1f} times" if value < 10 else f"{round(value):,} times"


def interval(lower: float | None, upper: float | None, digits: int | None = None) -> str:
    """Two bounds of an interval, both with the same precision."""
    if lower is None or upper is None:
        return NOTHING
    chosen = precision(lower, upper) if digits is None else digits
    return f"{decimal(lower, chosen)} to {decimal(upper, chosen)}"


def share_interval(lower: float | None, upper: float | None) -> str:
    """Two bounds of a share as percentages."""
    return NOTHING if lower is None or upper is None else f"{share(lower)} to {share(upper)}"


def precision(*values: float) -> int:
    """Decimals for numbers that stand together: three significant digits of the largest, none from a hundred on."""
    largest = max(abs(value) for value in values)
    return 0 if largest >= 100 else 1 if largest >= 10 else 2 if largest >= 1 else 3


def more_or_fewer(value: float, things_counted: str) -> str:
    """A signed difference in words, for example `13 fewer views`."""
    return f"{quantity(abs(value))} {'more' if value >= 0 else 'fewer'} {things_counted}"


def between_more_and_fewer(lower: float, upper: float) -> str:
    """The interval of a signed difference in words, so that no sign has to be read."""
    digits = precision(lower, upper)
    low, high = (decimal(abs(bound), digits) for bound in (lower, upper))
    if lower >= 0:
        return f"between {low} and {high} more"
    if upper <= 0:
        return f"between {high} and {low} fewer"
    return f"between {low} fewer and {high} more"


def confidence(row_level: float | None) -> str:
    """The name of an interval, for example `95 % interval`."""
    return "interval" if row_level is None else f"{100 * row_level:.0f}{PERCENT} interval"


def listing(items: list[str]) -> str:
    """Words joined as in a sentence."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def capitalise(sentence: str) -> str:
    """Upper case for the first letter only."""
    return sentence[:1].upper() + sentence[1:]
