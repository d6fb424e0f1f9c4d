"""Rows of result tables as the estimates of an interval plot."""

from collections.abc import Callable, Iterable

from reports.charts import Estimate
from reports.content import Column, Format, number
from wording import numbers
from wording.rows import Row


def estimates(
    rows: Iterable[Row],
    name: Callable[[Row], str],
    value: str,
    format: Format,  # noqa: A002
    *,
    prefix: str = "",
    text: Callable[[Row], str] | None = None,
    highlighted: Callable[[Row], bool] = lambda _: False,
) -> list[Estimate]:
    """One estimate per row.

    Args:
        rows: Of one result table.
        name: How a row is called.
        value: Column of the estimate.
        format: Writes the estimate and its bounds.
        prefix: Of the bounds' names, where they are not `lower_bound` and `upper_bound`.
        text: The number in words; the estimate with its interval where it is not given.
        highlighted: Which rows stand out.
    """

    def written(row: Row) -> str:
        low, high = row[f"{prefix}lower_bound"], row[f"{prefix}upper_bound"]
        between = f" ({format(low)} to {format(high)})" if low is not None and high is not None else ""
        return f"{format(row[value])}{between}"

    return [
        Estimate(
            label=name(row),
            value=row[value],
            lower=row[f"{prefix}lower_bound"],
            upper=row[f"{prefix}upper_bound"],
            text=(text or written)(row),
            is_highlighted=highlighted(row),
        )
        for row in rows
    ]


def interval_columns(header: str, value: str, format: Format = numbers.decimal, prefix: str = "") -> list[Column]:  # noqa: A002
    """An estimate and both of its bounds as columns of a table."""
    return [
        number(header, value, format),
        number("From", f"{prefix}lower_bound", format),
        number("To", f"{prefix}upper_bound", format),
    ]
