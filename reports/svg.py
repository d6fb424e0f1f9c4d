"""Turns a Matplotlib figure into SVG that can stand inside a page: same bytes every time, no styles, no foreign ids."""

import io
import re
from contextlib import AbstractContextManager
from typing import Any
from xml.etree import ElementTree as ET

from markupsafe import Markup, escape
from matplotlib import style as mpl_style
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

INK, PAPER, GREY = "#1a1a1a", "#ffffff", "#6b6b6b"
BAR = "bar-"
"""Begins the id of a mark by which a script finds what it stands for; copies of a chart may share it."""
_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_FONT_SIZE = re.compile(r"([\d.]+)px")
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a delivered "$" is a character
    "hatch.linewidth": 1.6,
    "hatch.color": PAPER,
    "font.size": 11,
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
}


def style() -> AbstractContextManager[None]:
    """The settings under which every chart is drawn: Matplotlib's own and ours, none of the machine's."""
    return mpl_style.context(["default", _STYLE])


def to_svg(figure: Figure, key: str, label: str) -> Markup:
    """Render a figure.

    Args:
        figure: The drawn figure.
        key: Unique on its page; salts every id.
        label: What the image shows, in one sentence.

    Returns:
        An `svg` element that a screen reader reads as its label and nothing else. Presentation attributes stand for
        styles, which a strict content policy refuses.
    """
    buffer = io.StringIO()
    with mpl_style.context(["default", _STYLE, {"svg.hashsalt": key}]):
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        FigureCanvasSVG(figure).print_svg(buffer, metadata=nothing)  # type: ignore[no-untyped-call]
    root = ET.fromstring(buffer.getvalue())  # noqa: S314  # our own figure, not a delivered file
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in {f"{_SVG}metadata", f"{_SVG}style"} or (child.tag == f"{_SVG}defs" and not len(child)):
                parent.remove(child)
    for element in root.iter():
        _plain(element)
    width, height = (_short(size) for size in root.get("viewBox", "0 0 0 0").split()[2:])
    ET.register_namespace("", _SVG.strip("{}"))
    inner = "".join(ET.tostring(child, encoding="unicode") for child in root)
    inner = re.sub(r' xmlns(:\w+)?="[^"]*"', "", re.sub(r">\s+<", "><", inner))
    return Markup(  # noqa: S704  # drawn here; every text in it is escaped by the XML writer
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">'
        f'<g aria-hidden="true" stroke-linejoin="round" stroke-linecap="butt">{inner}</g></svg>'
    )


def _plain(element: ET.Element) -> None:
    """Attributes for the style attribute; of the ids those that Matplotlib salted or that a chart gave a mark."""
    attributes = dict(element.attrib)
    element.attrib.clear()
    for part in attributes.pop("style", "").split(";"):
        name, _, value = (piece.strip() for piece in part.partition(":"))
        if name == "font" and (size := _FONT_SIZE.search(value)):
            attributes["font-size"] = size[1]
            if "bold" in value:
                attributes["font-weight"] = "bold"
        elif name and not name.startswith("font-family"):
            attributes[name] = value.removesuffix("px")
    if element.tag == f"{_SVG}text":
        attributes.setdefault("fill", "#000000")
    for name, value in attributes.items():
        if name == "id" and re.fullmatch(r"[A-Za-z][A-Za-z0-9]*(\.[a-z]+)?_\d+(_\d+)?|[a-z]+", value):
            continue
        if name == "id" and value.startswith(BAR):
            element.set("class", "bar")
            name, value = "data-bar", value.removeprefix(BAR)  # noqa: PLW2901
        element.set("href" if name == _LINK else name, _short(" ".join(value.split())))


def _short(value: str) -> str:
    return _LONG_NUMBER.sub(lambda match: f"{float(match[0]):.1f}".replace("-0.0", "0.0"), value)
