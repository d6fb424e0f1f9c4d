"""The chart forms of the report, drawn by Matplotlib: small, direct labels, patterns beside colours, intervals drawn.

Every function takes plain numbers and returns a figure; `reports.svg` makes it part of a page. Charts are as wide as a
phone, so that they stand side by side on a desk and one below the other in a hand. Text is eleven units high and more,
which is twelve pixels on a phone; labels are measured, so that none is cut off.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from itertools import pairwise
from typing import Any, NamedTuple, ParamSpec

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from reports.svg import GREY, INK, PAPER, style

WIDTH = 310.0
"""Units of every chart, of which a phone of 390 pixels shows 341 pixels."""
TEXT = 11.0
MOST_LINES = 4
SIDE = 18.0
"""Room beside the axes of an interval plot: half a tick label."""
_AXIS = 40.0  # ticks and title below or beside the axes

P = ParamSpec("P")


class Look(NamedTuple):
    """How one series is told apart without colour too."""

    colour: str
    hatch: str
    marker: str
    dash: tuple[float, tuple[float, ...]] | str


# Colours of the Okabe-Ito palette that reach 3:1 on white and on the dark page.
LOOKS = {
    "claim": Look("#0072b2", "", "o", "-"),
    "opinion": Look("#d55e00", "///", "s", (0, (4, 2))),
    "unlabelled": Look("#767676", "xxx", "^", (0, (1, 1.5))),
}
SERIES = (
    Look("#0072b2", "", "o", "-"),
    Look("#d55e00", "///", "s", (0, (4, 2))),
    Look("#00866a", "xx", "^", (0, (6, 2, 1, 2))),
    Look("#b0568c", "---", "D", (0, (1, 1.5))),
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
    """One series of a line chart."""

    label: str
    points: Sequence[tuple[float, float]]


def _styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with style():
            return draw(*args, **kwargs)

    return drawn


def short_number(value: float) -> str:
    """A tick label: 1,000,000 is 1M."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def percentage(value: float) -> str:
    """A tick label of a share."""
    return f"{100 * value:.3g} %"


def text_width(text: str, size: float = TEXT) -> float:
    """Units that a label takes in the font of the charts."""
    return float(text_to_path.get_text_width_height_descent(text, FontProperties(size=size), False)[0])


def _widest(texts: Sequence[str]) -> float:
    return max((text_width(text) for text in texts), default=0.0)


def _wrapped(text: str, room: float) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _canvas(
    height: float, left: float = 8, right: float = 8, bottom: float = _AXIS, top: float = 6
) -> tuple[Figure, Axes]:
    """One set of axes; all lengths in units of the page's SVG."""
    figure = Figure(figsize=(WIDTH / 72, height / 72))
    box = (left / WIDTH, bottom / height, 1 - (left + right) / WIDTH, 1 - (bottom + top) / height)
    return figure, figure.add_axes(box)


@_styled
def bars(values: Sequence[tuple[str, float, str]], axis: str) -> Figure:
    """Horizontal bars from zero, each with its number at its end.

    Args:
        values: Name, length and text of each bar, from the top.
        axis: What the lengths are.
    """
    names, texts = [name for name, _, _ in values], [text for _, _, text in values]
    figure, axes = _bar_canvas(names, texts, max((value for _, value, _ in values), default=1), axis)
    for place, (name, value, text) in enumerate(values):
        look = LOOKS.get(name, SERIES[0])
        axes.barh(place, value, 0.68, color=look.colour, hatch=look.hatch, edgecolor=PAPER, linewidth=0)
        _beside(axes, value, place, text)
    return figure


@_styled
def stacked_bars(
    names: Sequence[str],
    series: Mapping[str, Sequence[float]],
    axis: str,
    texts: Sequence[str] = (),
    marks: Sequence[str] = (),
) -> Figure:
    """Horizontal stacked bars, a text at the end of each and a legend in words above.

    Args:
        names: One per bar, from the top.
        series: Claim status to lengths.
        axis: What the lengths are.
        texts: One per bar; the totals where none is given.
        marks: One per bar, ids by which a script finds them.
    """
    totals = [sum(lengths) for lengths in zip(*series.values(), strict=True)]
    texts = texts or [f"{total:,.0f}" for total in totals]
    figure, axes = _bar_canvas(names, texts, max(totals, default=1), axis, legend=bool(series))
    start = np.zeros(len(names))
    for name, values in series.items():
        look, lengths = LOOKS[name], np.asarray(values, dtype=float)
        look_of: dict[str, Any] = {
            "color": look.colour,
            "hatch": look.hatch,
            "edgecolor": PAPER,
            "linewidth": 0,
            "label": name,
        }
        drawn = axes.barh(range(len(names)), lengths, 0.72, start, **look_of)
        for bar, mark, length in zip(drawn, marks, lengths, strict=False):
            if length:
                bar.set_gid(f"{mark}-{name}")
        start += lengths
    for place, (total, text) in enumerate(zip(totals, texts, strict=True)):
        _beside(axes, total, place, text)
    if series:
        _legend(axes)
    return figure


@_styled
def histogram(edges: Mapping[str, Sequence[tuple[float, float, float]]], axis: str, *, is_log: bool) -> Figure:
    """Outlined histograms of several classes over each other.

    Args:
        edges: Claim status to (lower edge, upper edge, videos); edges of counts include zero.
        axis: What is measured.
        is_log: Counts that span decades; they are drawn at count + 1, so that zero has a place.
    """
    shift = 1 if is_log else 0
    figure, axes = _canvas(180, left=54, top=24)
    for name, bins in edges.items():
        look = LOOKS[name]
        for place, (lower, upper, videos) in enumerate(sorted(bins)):
            across, label = [lower + shift, upper + 1 + shift], name if place == 0 else None
            fill: dict[str, Any] = {
                "facecolor": look.colour,
                "hatch": look.hatch,
                "edgecolor": PAPER,
                "linewidth": 0,
                "alpha": 0.75,
            }
            axes.fill_between(across, 0, videos, label=label, **fill)
    for name, bins in edges.items():
        corners, heights = _outline(sorted(bins))
        axes.plot(np.array(corners) + shift, heights, color=INK, linewidth=1, linestyle=LOOKS[name].dash)
    if is_log:
        _log_axis(axes, max(upper for bins in edges.values() for _, upper, _ in bins))
    axes.set(ylim=(0, None), xlabel=axis, ylabel="videos")
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short_number(value)))
    _legend(axes)
    return figure


@_styled
def box_plots(boxes: Sequence[Box], axis: str, *, is_log: bool) -> Figure:
    """Horizontal box plots from their numbers; dots are the smallest and the largest value.

    Args:
        boxes: From the top; labels are claim statuses.
        axis: What is measured.
        is_log: Counts that span decades; drawn at count + 1.
    """
    shift = 1 if is_log else 0
    figure, axes = _canvas(36 * len(boxes) + 50, left=_widest([box.label for box in boxes]) + 12, right=14)
    for place, box in enumerate(boxes):
        look = LOOKS.get(box.label, SERIES[0])
        numbers = [number + shift for number in box[1:]]
        axes.plot(numbers[1:6:4], [place, place], color=INK, linewidth=1.2)
        width, start = numbers[4] - numbers[2], numbers[2]
        axes.barh(place, width, 0.55, start, color=look.colour, hatch=look.hatch, edgecolor=PAPER, linewidth=0)
        axes.barh(place, width, 0.55, start, fill=False, edgecolor=INK, linewidth=1)
        # White between two dark lines: visible on every fill.
        axes.plot([numbers[3]] * 2, [place - 0.3, place + 0.3], color=INK, linewidth=4)
        axes.plot([numbers[3]] * 2, [place - 0.27, place + 0.27], color=PAPER, linewidth=2)
        axes.plot([numbers[0], numbers[6]], [place, place], "o", color=INK, markersize=3)
    _names(axes, [box.label for box in boxes])
    if is_log:
        _log_axis(axes, max(box.maximum for box in boxes))
    axes.set_xlabel(axis)
    return figure


@_styled
def bubbles(cells: Mapping[str, Sequence[tuple[float, float, float]]], axes_names: tuple[str, str]) -> Figure:
    """A scatter plot of binned videos on two logarithmic axes; the area of a mark is its number of videos.

    Args:
        cells: Claim status to (across, up, videos), both drawn at count + 1.
        axes_names: What is across and what is up.
    """
    largest = max(videos for marks in cells.values() for _, _, videos in marks)
    figure, axes = _canvas(240, left=54, right=14, top=24)
    for name, marks in cells.items():
        look = LOOKS[name]
        across, up, videos = (np.asarray(column, dtype=float) for column in zip(*marks, strict=True))
        areas = 4 + 110 * videos / largest
        look_of: dict[str, Any] = {
            "c": look.colour,
            "marker": look.marker,
            "edgecolors": PAPER,
            "linewidths": 0.4,
            "label": name,
        }
        axes.scatter(across + 1, up + 1, areas, **look_of)
    _log_axis(axes, max(across for marks in cells.values() for across, _, _ in marks))
    _log_axis(axes, max(up for marks in cells.values() for _, up, _ in marks), "y")
    axes.set(xlabel=axes_names[0], ylabel=axes_names[1])
    _legend(axes)
    return figure


@_styled
def matrix(names: Sequence[str], values: Sequence[Sequence[float | None]]) -> Figure:
    """A square of numbers between -1 and 1, shaded by size, each number printed in its cell.

    Args:
        names: Of the rows and the columns alike.
        values: One sequence per row; None where there is no number.
    """
    figure, axes = _canvas(250, left=_widest(names) + 10, bottom=64)
    for row, numbers in enumerate(values):
        for column, number in enumerate(numbers):
            strength = 0.0 if number is None else number
            base = np.array([0, 0x72, 0xB2] if strength >= 0 else [0xD5, 0x5E, 0]) / 255
            shade = 1 - min(1.0, abs(strength)) * (1 - base)
            axes.bar(column, 1, 0.96, row - 0.5, color=shade, edgecolor=GREY, linewidth=0.6)
            text = "–" if number is None else f"{number:.2f}".replace("-0.00", "0.00")
            # Colours of their own: the cells stay light and dark as they are on a dark page.
            axes.text(
                column, row, text, ha="center", va="center", color="#fefefe" if abs(strength) > 0.75 else "#111111"
            )
    _names(axes, names)
    axes.set_xticks(range(len(names)), names, rotation=40, ha="right", rotation_mode="anchor")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return figure


@_styled
def intervals(
    estimates: Sequence[Estimate],
    axis: str,
    *,
    reference: float | None = None,
    is_log: bool = False,
    is_share: bool = False,
) -> Figure:
    """Estimates with their intervals, one per row, the number in words above each.

    Args:
        estimates: From the top; a row without a value keeps its text.
        axis: What is estimated.
        reference: Where a line says "no difference"; it stops where labels stand.
        is_log: Ratios.
        is_share: Shares of one, which the axis shows as percentages.
    """
    line, bar = 14.0, 20.0
    texts = [_wrapped(f"{row.label}: {row.text}", WIDTH - 2 * SIDE) for row in estimates]
    axis_lines = _wrapped(axis, WIDTH - 2 * SIDE)
    height = sum(line * len(text) + bar for text in texts)
    bottom = 24 + line * len(axis_lines)
    figure, axes = _canvas(height + bottom + 6, left=SIDE, right=SIDE, bottom=bottom)
    if is_log:
        axes.set_xscale("log")
    top = 0.0
    for row, text in zip(estimates, texts, strict=True):
        axes.text(0, top, "\n".join(text), va="top", linespacing=1.1, transform=axes.get_yaxis_transform())
        middle = top + line * len(text) + bar / 2
        top = middle + bar / 2
        if reference is not None:
            axes.plot([reference] * 2, [middle - bar / 2 + 1, top - 1], color=GREY, linewidth=1.2)
        if row.value is None:
            continue
        look = SERIES[1 if row.is_highlighted else 0]
        if row.lower is not None and row.upper is not None:
            axes.plot([row.lower, row.upper], [middle] * 2, color=look.colour, linewidth=2.4, solid_capstyle="butt")
        dot: dict[str, Any] = {"markersize": 7, "markeredgecolor": INK, "markeredgewidth": 0.8, "color": look.colour}
        axes.plot([row.value], [middle], look.marker, **dot)
    axes.set_ylim(max(height, 1), 0)
    axes.margins(x=0.08)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("\n".join(axis_lines))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    if is_log:
        low, high = axes.get_xlim()
        steps = [value for value in (0.1, 0.2, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50) if low <= value <= high]
        axes.xaxis.set_major_locator(FixedLocator(steps))
        axes.xaxis.set_minor_locator(NullLocator())
    write = percentage if is_share else short_number
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: write(round(value, 10))))
    return figure


@_styled
def lines(series: Sequence[Line], axes_names: tuple[str, str]) -> Figure:
    """At most four lines over shares from 0 to 1, told apart by colour, dash and mark, each named beside the chart.

    Args:
        series: The lines.
        axes_names: What is across and what is up.
    """
    if len(series) > MOST_LINES:
        raise ValueError(f"{len(series)} lines cannot be told apart; draw at most {MOST_LINES}.")
    labels = [_wrapped(line.label, 78) for line in series]
    right = _widest([part for label in labels for part in label]) + 40
    height, line_height = 230.0, 14.0
    figure, axes = _canvas(height, left=58, right=right, top=10)
    axes.set(xlim=(0, 1.02), ylim=(0, 1.03), xlabel=axes_names[0], ylabel=axes_names[1])
    inside, top = height - _AXIS - 10, 10.0
    width = WIDTH - 58 - right
    # From the top as the lines lie: by the area under each.
    for place in sorted(range(len(series)), key=lambda place: (-_area(series[place].points), place)):
        (across, up), look, label = zip(*series[place].points, strict=True), SERIES[place], labels[place]
        stroke: dict[str, Any] = {"color": look.colour, "linestyle": look.dash, "linewidth": 1.8, "clip_on": False}
        marks: dict[str, Any] = {"marker": look.marker, "markersize": 4}
        axes.plot(across, up, markevery=max(1, len(across) // 6), **stroke, **marks)
        size = line_height * len(label)
        middle = 1 - (top + size / 2) / inside
        sample = [1 + 8 / width, 1 + 19 / width, 1 + 30 / width]
        axes.plot(sample, [middle] * 3, markevery=[1], transform=axes.transAxes, **stroke, **marks)
        lettering: dict[str, Any] = {"va": "center", "linespacing": 1.1}
        axes.text(1 + 35 / width, middle, "\n".join(label), transform=axes.transAxes, **lettering)
        top += size + 6
    _shares(axes)
    return figure


@_styled
def days(starts: Sequence[datetime], series: Mapping[str, Sequence[float | None]], axis: str) -> Figure:
    """Lines over days, told apart by colour, dash and mark; a day without a value has no mark.

    Args:
        starts: The days.
        series: Name to one value per day.
        axis: What is counted.
    """
    figure, axes = _canvas(190, left=54, right=14, top=26 if len(series) > 1 else 10)
    places = np.arange(len(starts))
    for (name, values), look in zip(series.items(), SERIES, strict=False):
        stroke: dict[str, Any] = {"color": look.colour, "linewidth": 1.8, "marker": look.marker, "markersize": 3}
        known = [np.nan if value is None else value for value in values]
        axes.plot(places, known, linestyle=look.dash, label=name, **stroke)
    ticks = sorted({0, len(starts) // 2, len(starts) - 1})
    axes.set_xticks(ticks, [f"{starts[place]:%d %b}".removeprefix("0") for place in ticks])
    axes.set(ylim=(0, None), ylabel=axis, xlabel="day")
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short_number(value)))
    if len(series) > 1:
        _legend(axes)
    return figure


@_styled
def calibration(
    points: Sequence[tuple[float, float, float | None, float | None]], limit: float, axes_names: tuple[str, str]
) -> Figure:
    """Said against seen: the share that happened, with its interval, over the probability that was said.

    Args:
        points: (said, seen, lower, upper), all in [0, 1].
        limit: Upper end of both axes.
        axes_names: What is across and what is up.
    """
    figure, axes = _canvas(230, left=58, right=14, top=10)
    axes.plot([0, limit], [0, limit], color=GREY, linestyle=(0, (4, 3)), linewidth=1.2)
    axes.text(limit * 0.98, limit * 0.06, "dashed: said = seen", ha="right")
    for said, _, lower, upper in points:
        if lower is not None and upper is not None:
            axes.plot([said, said], [lower, upper], color=SERIES[0].colour, linewidth=2)
    seen = [seen for _, seen, *_ in points]
    axes.plot([said for said, *_ in points], seen, "o", color=SERIES[0].colour, markeredgecolor=INK, markersize=6)
    axes.set(xlim=(0, limit * 1.02), ylim=(0, limit * 1.02), xlabel=axes_names[0], ylabel=axes_names[1])
    _shares(axes)
    return figure


def _area(points: Sequence[tuple[float, float]]) -> float:
    return sum((right - left) * (low + high) / 2 for (left, low), (right, high) in pairwise(points))


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


def _bar_canvas(
    names: Sequence[str], texts: Sequence[str], largest: float, axis: str, *, legend: bool = False
) -> tuple[Figure, Axes]:
    """Names, a baseline and the unit instead of axes: every bar carries its number, so ticks would say it twice."""
    left, room, top = _widest(names) + 14, _widest(texts) + 12, 26 if legend else 6
    unit = _wrapped(axis, WIDTH - left - 8)
    bottom = 8 + 14 * len(unit)
    figure, axes = _canvas(23 * max(len(names), 1) + bottom + top, left=left, right=4, bottom=bottom, top=top)
    axes.axis("off")
    for place, name in enumerate(names):
        axes.annotate(name, (0, place), (-5, 0), textcoords="offset points", va="center", ha="right")
    axes.plot([0, 0], [-0.5, len(names) - 0.5], color=GREY, linewidth=1)
    below: dict[str, Any] = {"textcoords": "offset points", "va": "top", "linespacing": 1.1}
    axes.annotate("\n".join(unit), (0, max(len(names), 1) - 0.5), (0, -3), **below)
    inside = WIDTH - left - 4
    axes.set(xlim=(0, (largest or 1) / max(0.2, 1 - room / inside)), ylim=(max(len(names), 1) - 0.5, -0.5))
    return figure, axes


def _names(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def _beside(axes: Axes, value: float, place: float, text: str) -> None:
    axes.annotate(text, (value, place), (4, 0), textcoords="offset points", va="center")


def _log_axis(axes: Axes, largest: float, which: str = "x") -> None:
    """Whole decades of count + 1: ticks at zero, one, ten ..."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    powers = 10.0 ** np.arange(0, max(1, int(np.ceil(np.log10(largest + 2)))) + 1)
    # Beyond a million every second decade, so that the labels stand apart.
    axis.set_major_locator(FixedLocator([1, *(powers + 1)[:: 1 if len(powers) < 8 else 2]]))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: short_number(value - 1)))
    (axes.set_xlim if which == "x" else axes.set_ylim)(0.85, (largest + 1) * 1.35)


def _shares(axes: Axes) -> None:
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter(FuncFormatter(lambda value, _: percentage(value)))


def _legend(axes: Axes) -> None:
    place: dict[str, Any] = {
        "loc": "lower left",
        "bbox_to_anchor": (-0.02, 1.0),
        "ncols": 3,
        "frameon": False,
        "borderaxespad": 0.1,
    }
    axes.legend(fontsize=TEXT, handlelength=2.2, columnspacing=1.2, **place)
