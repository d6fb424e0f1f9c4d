"""Turns a Matplotlib figure into SVG that can stand inside a page: same bytes every time, no styles, no foreign ids."""

import io
import re
from contextlib import AbstractContextManager
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

_SVG = "http://www.w3.org/2000/svg"
_LINK = "{http://www.w3.org/1999/xlink}href"
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_REFERENCE = re.compile(r"#([\w.-]+)")
_BARE_GROUP = re.compile(r"<g>(<(\w+)\b[^<]*</\2>)</g>")
_FONT = re.compile(r"(?:(?P<weight>bold|\d{3})\s+)?(?P<size>[\d.]+)px")
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    # Ids come from a salt and the content, not from chance.
    "svg.hashsalt": "claims",
    "hatch.linewidth": 1.6,
    "hatch.color": "white",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#595959",
    "xtick.color": "#333333",
    "ytick.color": "#333333",
    "axes.labelcolor": "#1a1a1a",
    "text.color": "#1a1a1a",
}


def style() -> AbstractContextManager[None]:
    """The settings under which every chart is drawn."""
    return mpl.rc_context(_STYLE)


def to_svg(figure: Figure, key: str, label: str) -> Markup:
    """Render a figure.

    Args:
        figure: The drawn figure.
        key: Unique on its page; prefixes every id.
        label: What the image shows, in one sentence.

    Returns:
        An `svg` element that a screen reader names by the label.
    """
    buffer = io.StringIO()
    with style():
        FigureCanvasSVG(figure).print_svg(  # type: ignore[no-untyped-call]
            buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    return Markup(inline(buffer.getvalue(), key, label))  # noqa: S704  # drawn here; every text in it is escaped by the XML writer


def inline(source: str, key: str, label: str) -> str:
    """Make a whole SVG document part of a page.

    Args:
        source: The document.
        key: Prefix of its ids.
        label: Its accessible name.

    Returns:
        The `svg` element: no declaration, metadata or style; lengths to one decimal; only the ids that are used.
    """
    root = ET.fromstring(source)  # noqa: S314  # our own figure, not a delivered file
    width, height = root.get("viewBox", "0 0 0 0").split()[2:]
    _drop(root, {f"{{{_SVG}}}metadata", f"{{{_SVG}}}style", "metadata"})
    used = {
        match for element in root.iter() for value in element.attrib.values() for match in _REFERENCE.findall(value)
    }
    for element in root.iter():
        _rewrite(element, key, used)
    root.attrib.clear()
    root.attrib.update(
        {
            "viewBox": f"0 0 {_short(width)} {_short(height)}",
            "role": "img",
            "aria-label": label,
            "stroke-linejoin": "round",
            "stroke-linecap": "butt",
        }
    )
    ET.register_namespace("", _SVG)
    text = ET.tostring(root, encoding="unicode", short_empty_elements=False)
    text = re.sub(r">\s+<", "><", text)
    for _ in range(3):
        text = _BARE_GROUP.sub(r"\1", text)
    return text.replace(f' xmlns="{_SVG}"', "").replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")


def _drop(element: ET.Element, tags: set[str]) -> None:
    for child in list(element):
        if child.tag in tags or (child.tag == f"{{{_SVG}}}defs" and len(child) == 0):
            element.remove(child)
            continue
        _drop(child, tags)
        if child.tag == f"{{{_SVG}}}defs" and len(child) == 0:
            element.remove(child)


def _rewrite(element: ET.Element, key: str, used: set[str]) -> None:
    """Presentation attributes for the style attribute, which a strict content policy refuses; ids prefixed or gone."""
    attributes = dict(element.attrib)
    element.attrib.clear()
    for part in attributes.pop("style", "").split(";"):
        name, _, value = (piece.strip() for piece in part.partition(":"))
        if name == "font" and (font := _FONT.search(value)):
            attributes["font-size"] = font["size"]
            if font["weight"]:
                attributes["font-weight"] = font["weight"]
        elif name and not name.startswith("font-family"):
            attributes[name] = value.removesuffix("px") if name == "font-size" else value
    for name, value in attributes.items():
        if name == "id":
            if value in used:
                element.set("id", f"{key}-{value}")
            continue
        if name == "transform" and value.startswith("rotate(-0 "):
            continue
        target = "href" if name == _LINK else name
        element.set(target, _REFERENCE.sub(lambda match: _prefixed(match, key, used), _short(" ".join(value.split()))))


def _prefixed(match: re.Match[str], key: str, used: set[str]) -> str:
    # A colour such as #0072b2 looks like a reference; it names no element of the document.
    return f"#{key}-{match[1]}" if match[1] in used and not re.fullmatch(r"[0-9a-f]{6}", match[1]) else match[0]


def _short(value: str) -> str:
    return _LONG_NUMBER.sub(lambda match: f"{float(match[0]):.1f}".replace("-0.0", "0.0"), value)
