"""The chart forms of the report, drawn by Matplotlib: small, direct labels, patterns beside colours, intervals drawn.

Every function takes plain numbers, a key that is unique on its page and the label that names the image, and returns
inline SVG. Charts are as wide as a phone, so that they stand side by side on a desk and one below the other in a hand.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from reports.svg import style, to_svg

WIDTH = 4.3  # inches of 72 units
INK = "#1a1a1a"
GREY = "#6b6b6b"


class Look(NamedTuple):
    """How one series is told apart without colour too."""

    colour: str
    hatch: str
    marker: str
    dash: tuple[float, tuple[float, ...]] | str


# Colours of the Okabe-Ito palette that reach 3:1 on white.
LOOKS = {
    "claim": Look("#0072b2", "", "o", "-"),
    "opinion": Look("#d55e00", "///", "s", (0, (4, 2))),
    "unlabelled": Look("#6b6b6b", "xxx", "^", (0, (1, 1.5))),
}
SERIES = (
    Look("#0072b2", "", "o", "-"),
    Look("#d55e00", "///", "s", (0, (4, 2))),
    Look("#00795b", "xx", "^", (0, (6, 2, 1, 2))),
    Look("#a3467f", "---", "D", (0, (1, 1.5))),
    Look("#1a1a1a", "\\\\\\", "v", (0, (8, 2))),
    Look("#6b6b6b", "+++", "P", (0, (2, 2))),
    Look("#7a5c00", "|||", "X", (0, (3, 1, 1, 1))),
)


class Estimate(NamedTuple):
    """One row of an interval plot."""

    label: str
    value: float | None
    lower: float | None
    upper: float | None
    text: str
    is_highlighted: bool = False


class Box(NamedTuple):
    """The numbers of one box."""

    label: str
    minimum: float
    whisker_low: float
    lower: float
    middle: float
    upper: float
    whisker_high: float
    maximum: float


class Line(NamedTuple):
    """One series of a line chart; intervals are optional."""

    label: str
    points: Sequence[tuple[float, float]]


def short_number(value: float) -> str:
    """A tick label: 1,000,000 is 1M."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


@contextmanager
def _canvas(
    height: float, left: float, right: float = 0.98, bottom: float = 0.4, top: float = 0.05
) -> Iterator[tuple[Figure, Axes]]:
    """One set of axes; left and right as shares of the width, bottom and top in inches."""
    with style():
        figure = Figure(figsize=(WIDTH, height))
        yield figure, figure.add_axes((left, bottom / height, right - left, 1 - (bottom + top) / height))


def bars(values: Sequence[tuple[str, float, str]], axis: str, key: str, label: str) -> Markup:
    """Horizontal bars from zero, each with its number at its end.

    Args:
        values: Name, length and text of each bar, from the top.
        axis: What the lengths are.
        key: Unique on the page.
        label: Names the image.
    """
    with _canvas(0.36 * len(values) + 0.35, 0.3, bottom=0.25) as (figure, axes):
        for place, (name, value, text) in enumerate(values):
            look = LOOKS.get(name, SERIES[0])
            axes.barh(place, value, 0.68, color=look.colour, hatch=look.hatch, edgecolor="white", linewidth=0)
            _beside(axes, value, place, text)
        texts = [text for _, _, text in values]
        _plain(axes, [name for name, _, _ in values], max((value for _, value, _ in values), default=1), texts, axis)
        return to_svg(figure, key, label)


def stacked_bars(
    names: Sequence[str], series: Mapping[str, Sequence[float]], axis: str, key: str, label: str
) -> Markup:
    """Horizontal stacked bars, the total at the end of each and a legend in words above.

    Args:
        names: One per bar, from the top.
        series: Claim status to lengths.
        axis: What the lengths are.
        key: Unique on the page.
        label: Names the image.
    """
    with _canvas(0.3 * len(names) + 0.6, 0.36, top=0.3, bottom=0.25) as (figure, axes):
        start = np.zeros(len(names))
        for name, values in series.items():
            look, lengths = LOOKS[name], np.asarray(values, dtype=float)
            axes.barh(
                range(len(names)),
                lengths,
                0.72,
                start,
                color=look.colour,
                hatch=look.hatch,
                edgecolor="white",
                linewidth=0,
                label=name,
            )
            start += lengths
        texts = [f"{total:,.0f}" for total in start]
        for place, (total, text) in enumerate(zip(start, texts, strict=True)):
            _beside(axes, total, place, text)
        _plain(axes, names, float(start.max(initial=1)), texts, axis)
        if series:
            _legend(axes)
        return to_svg(figure, key, label)


def histogram(
    edges: Mapping[str, Sequence[tuple[float, float, float]]], axis: str, key: str, label: str, *, is_log: bool
) -> Markup:
    """Outlined histograms of several classes over each other.

    Args:
        edges: Claim status to (lower edge, upper edge, videos); edges of counts include zero.
        axis: What is measured.
        key: Unique on the page.
        label: Names the image.
        is_log: Counts that span decades; they are drawn at count + 1, so that zero has a place.
    """
    shift = 1 if is_log else 0
    with _canvas(2.3, 0.14, top=0.34, bottom=0.55) as (figure, axes):
        for name, bins in edges.items():
            look = LOOKS[name]
            for place, (lower, upper, videos) in enumerate(sorted(bins)):
                axes.fill_between(
                    [lower + shift, upper + 1 + shift],
                    0,
                    videos,
                    facecolor=look.colour,
                    hatch=look.hatch,
                    edgecolor="white",
                    linewidth=0,
                    alpha=0.75,
                    label=name if place == 0 else None,
                )
        for name, bins in edges.items():
            across, heights = _outline(sorted(bins))
            axes.plot(np.array(across) + shift, heights, color=INK, linewidth=1, linestyle=LOOKS[name].dash)
        if is_log:
            _log_axis(axes, max(upper for bins in edges.values() for _, upper, _ in bins))
        axes.set(ylim=(0, None), xlabel=axis, ylabel="")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short_number(value)))
        _legend(axes)
        return to_svg(figure, key, label)


def box_plots(boxes: Sequence[Box], axis: str, key: str, label: str, *, is_log: bool) -> Markup:
    """Horizontal box plots from their numbers; dots are the smallest and the largest value.

    Args:
        boxes: From the top; labels are claim statuses.
        axis: What is measured.
        key: Unique on the page.
        label: Names the image.
        is_log: Counts that span decades; drawn at count + 1.
    """
    shift = 1 if is_log else 0
    with _canvas(0.5 * len(boxes) + 0.7, 0.22, bottom=0.55) as (figure, axes):
        for place, box in enumerate(boxes):
            look = LOOKS.get(box.label, SERIES[0])
            numbers = [number + shift for number in box[1:]]
            axes.plot(numbers[1:6:4], [place, place], color=INK, linewidth=1.2)
            axes.barh(
                place,
                numbers[4] - numbers[2],
                0.55,
                numbers[2],
                color=look.colour,
                hatch=look.hatch,
                edgecolor="white",
                linewidth=0,
            )
            axes.barh(place, numbers[4] - numbers[2], 0.55, numbers[2], fill=False, edgecolor=INK, linewidth=1)
            # White between two dark lines: visible on every fill.
            axes.plot([numbers[3]] * 2, [place - 0.3, place + 0.3], color=INK, linewidth=4)
            axes.plot([numbers[3]] * 2, [place - 0.27, place + 0.27], color="white", linewidth=2)
            axes.plot([numbers[0], numbers[6]], [place, place], "o", color=INK, markersize=3)
        _names(axes, [box.label for box in boxes])
        if is_log:
            _log_axis(axes, max(box.maximum for box in boxes))
        axes.set_xlabel(axis)
        return to_svg(figure, key, label)


def bubbles(
    cells: Mapping[str, Sequence[tuple[float, float, float]]], axes_names: tuple[str, str], key: str, label: str
) -> Markup:
    """A scatter plot of binned videos on two logarithmic axes; the area of a mark is its number of videos.

    Args:
        cells: Claim status to (across, up, videos), both drawn at count + 1.
        axes_names: What is across and what is up.
        key: Unique on the page.
        label: Names the image.
    """
    largest = max(videos for marks in cells.values() for _, _, videos in marks)
    with _canvas(3.1, 0.19, top=0.34, bottom=0.55) as (figure, axes):
        for name, marks in cells.items():
            look = LOOKS[name]
            across, up, videos = (np.asarray(column, dtype=float) for column in zip(*marks, strict=True))
            axes.scatter(
                across + 1,
                up + 1,
                4 + 110 * videos / largest,
                c=look.colour,
                marker=look.marker,
                edgecolors="white",
                linewidths=0.4,
                label=name,
            )
        _log_axis(axes, max(across for marks in cells.values() for across, _, _ in marks))
        _log_axis(axes, max(up for marks in cells.values() for _, up, _ in marks), "y")
        axes.set_xlabel(axes_names[0])
        axes.set_ylabel(axes_names[1])
        _legend(axes, markerscale=1.0)
        return to_svg(figure, key, label)


def matrix(names: Sequence[str], values: Sequence[Sequence[float | None]], key: str, label: str) -> Markup:
    """A square of numbers between -1 and 1, shaded by size, each number printed in its cell.

    Args:
        names: Of the rows and the columns alike.
        values: One sequence per row; None where there is no number.
        key: Unique on the page.
        label: Names the image.
    """
    with _canvas(3.0, 0.22, bottom=0.5) as (figure, axes):
        for row, numbers in enumerate(values):
            for column, number in enumerate(numbers):
                strength = 0.0 if number is None else number
                base = np.array([0, 0x72, 0xB2] if strength >= 0 else [0xD5, 0x5E, 0]) / 255
                shade = 1 - min(1.0, abs(strength)) * (1 - base)
                axes.bar(column, 1, 0.96, row - 0.5, color=shade, edgecolor=GREY, linewidth=0.6)
                text = "–" if number is None else f"{number:.2f}".replace("-0.00", "0.00")
                axes.text(
                    column,
                    row,
                    text,
                    ha="center",
                    va="center",
                    fontsize=8.5,
                    color="white" if abs(strength) > 0.75 else INK,
                )
        _names(axes, names)
        axes.set_xticks(range(len(names)), [name[:9] for name in names], fontsize=8, rotation=20)
        axes.set_ylim(len(names) - 0.5, -0.5)
        for side in axes.spines.values():
            side.set_visible(False)
        axes.tick_params(length=0)
        return to_svg(figure, key, label)


def intervals(
    estimates: Sequence[Estimate],
    axis: str,
    key: str,
    label: str,
    *,
    reference: float | None = None,
    is_log: bool = False,
) -> Markup:
    """Estimates with their intervals, one per row, the number in words above each.

    Args:
        estimates: From the top; a row without a value keeps its text.
        axis: What is estimated.
        key: Unique on the page.
        label: Names the image.
        reference: Where a line says "no difference".
        is_log: Ratios.
    """
    with _canvas(0.46 * len(estimates) + 0.75, 0.04, bottom=0.55, top=0.12) as (figure, axes):
        if reference is not None:
            axes.axvline(reference, color=GREY, linewidth=1.2, linestyle=(0, (4, 3)))
        if is_log:
            axes.set_xscale("log")
        for place, row in enumerate(estimates):
            if row.value is not None:
                look = SERIES[1 if row.is_highlighted else 0]
                if row.lower is not None and row.upper is not None:
                    axes.plot(
                        [row.lower, row.upper], [place, place], color=look.colour, linewidth=2.4, solid_capstyle="butt"
                    )
                axes.plot(
                    [row.value],
                    [place],
                    look.marker,
                    color=look.colour,
                    markersize=7,
                    markeredgecolor=INK,
                    markeredgewidth=0.8,
                )
            axes.text(
                0.0,
                place - 0.28,
                f"{row.label}: {row.text}",
                va="center",
                fontsize=9,
                transform=axes.get_yaxis_transform(),
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
            )
        axes.set_ylim(len(estimates) - 0.55, -0.65)
        axes.margins(x=0.08)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(axis)
        formatter = FuncFormatter(lambda value, _: short_number(value))
        axes.xaxis.set_major_formatter(formatter)
        if is_log:
            _ratio_ticks(axes, formatter)
        return to_svg(figure, key, label)


def lines(series: Sequence[Line], axes_names: tuple[str, str], key: str, label: str) -> Markup:
    """Lines over shares from 0 to 1, told apart by colour, dash and mark, named in a legend.

    Args:
        series: In the order of the legend.
        axes_names: What is across and what is up.
        key: Unique on the page.
        label: Names the image.
    """
    legend_rows = -(-len(series) // 2)
    with _canvas(2.9 + 0.2 * legend_rows, 0.19, right=0.93, top=0.1 + 0.2 * legend_rows, bottom=0.55) as (figure, axes):
        for line, look in zip(series, SERIES, strict=False):
            across, up = zip(*line.points, strict=True)
            axes.plot(
                across,
                up,
                color=look.colour,
                linestyle=look.dash,
                marker=look.marker,
                markersize=4,
                linewidth=1.8,
                label=line.label,
                markevery=max(1, len(across) // 8),
            )
        _shares(axes, "both")
        axes.set(xlim=(0, 1.01), ylim=(0, 1.03), xlabel=axes_names[0], ylabel=axes_names[1])
        _legend(axes, columns=2)
        return to_svg(figure, key, label)


def calibration(
    points: Sequence[tuple[float, float, float | None, float | None]], limit: float, key: str, label: str
) -> Markup:
    """Said against seen: the share that happened, with its interval, over the probability that was said.

    Args:
        points: (said, seen, lower, upper), all in [0, 1].
        limit: Upper end of both axes.
        key: Unique on the page.
        label: Names the image.
    """
    with _canvas(3.0, 0.2, right=0.93, top=0.1, bottom=0.55) as (figure, axes):
        axes.plot([0, limit], [0, limit], color=GREY, linestyle=(0, (4, 3)), linewidth=1.2)
        axes.text(limit * 0.62, limit * 0.55, "said = seen", color="#4d4d4d", fontsize=9)
        for said, _, lower, upper in points:
            if lower is not None and upper is not None:
                axes.plot([said, said], [lower, upper], color=SERIES[0].colour, linewidth=2)
        axes.plot(
            [said for said, *_ in points],
            [seen for _, seen, *_ in points],
            "o",
            color=SERIES[0].colour,
            markeredgecolor=INK,
            markersize=6,
        )
        _shares(axes, "both")
        axes.set(
            xlim=(0, limit * 1.02), ylim=(0, limit * 1.02), xlabel="share that the model says", ylabel="share seen"
        )
        return to_svg(figure, key, label)


def _outline(bins: Sequence[tuple[float, float, float]]) -> tuple[list[float], list[float]]:
    """The corners of a histogram's outline; between bins that do not touch it goes down to zero."""
    across: list[float] = []
    heights: list[float] = []
    for place, (lower, upper, videos) in enumerate(bins):
        if place == 0 or bins[place - 1][1] + 1 < lower:
            across += [across[-1], lower] if across else [lower]
            heights += [0, 0] if heights else [0]
        across += [lower, upper + 1]
        heights += [videos, videos]
    return [*across, across[-1]], [*heights, 0]


def _names(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def _beside(axes: Axes, value: float, place: float, text: str) -> None:
    axes.annotate(text, (value, place), (4, 0), textcoords="offset points", va="center", fontsize=9)


def _plain(axes: Axes, names: Sequence[str], largest: float, texts: Sequence[str], unit: str) -> None:
    """Names, a baseline and the unit instead of axes: every bar carries its number, so ticks would say it twice."""
    axes.axis("off")
    for place, name in enumerate(names):
        axes.annotate(name, (0, place), (-5, 0), textcoords="offset points", va="center", ha="right")
    axes.plot([0, 0], [-0.5, len(names) - 0.5], color=GREY, linewidth=1)
    axes.annotate(
        unit, (0, len(names) - 0.5), (0, -3), textcoords="offset points", va="top", fontsize=9, color="#4d4d4d"
    )
    # Room for the longest number beside the longest bar.
    room = 1 - 0.028 * max((len(text) for text in texts), default=0) - 0.02
    axes.set(xlim=(0, (largest or 1) / room), ylim=(max(len(names), 1) - 0.5, -0.5))


def _log_axis(axes: Axes, largest: float, which: str = "x") -> None:
    """Whole decades of count + 1: ticks at zero, one, ten ..."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    powers = 10.0 ** np.arange(0, max(1, int(np.ceil(np.log10(largest + 2)))) + 1)
    axis.set_major_locator(FixedLocator([1, *(powers + 1)]))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: short_number(value - 1)))
    (axes.set_xlim if which == "x" else axes.set_ylim)(0.85, (largest + 1) * 1.35)


def _ratio_ticks(axes: Axes, formatter: FuncFormatter) -> None:
    low, high = axes.get_xlim()
    steps = [value for value in (0.1, 0.2, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50) if low <= value <= high]
    axes.xaxis.set_major_locator(FixedLocator(steps))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(formatter)


def _shares(axes: Axes, which: str) -> None:
    percent = FuncFormatter(lambda value, _: f"{100 * value:g} %")
    if which in {"x", "both"}:
        axes.xaxis.set_major_formatter(percent)
    axes.yaxis.set_major_formatter(percent)


def _legend(axes: Axes, columns: int = 3, markerscale: float = 1.0) -> None:
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(-0.02, 1.0),
        ncols=columns,
        frameon=False,
        fontsize=9,
        borderaxespad=0.1,
        handlelength=2.6,
        columnspacing=1.2,
        markerscale=markerscale,
    )
