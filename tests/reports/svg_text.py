"""Where the texts of a drawn SVG end, measured in the font of the charts."""

import re
from typing import NamedTuple
from xml.etree import ElementTree as ET

from reports.charts import text_width


class Placed(NamedTuple):
    text: str
    size: float
    left: float
    right: float
    top: float
    bottom: float


def placed_texts(svg: str) -> list[Placed]:
    """Every text with the box that it fills; a rotated one by the box around it."""
    found = []
    for element in ET.fromstring(svg).iter("text"):
        text, size = "".join(element.itertext()), float(element.get("font-size", "nan"))
        across, up = float(element.get("x", 0)), float(element.get("y", 0))
        turned = 0.0
        transform = element.get("transform", "")
        if match := re.search(r"translate\(([-\d.]+)[ ,]+([-\d.]+)\)", transform):
            across, up = across + float(match[1]), up + float(match[2])
        if match := re.search(r"rotate\(([-\d.]+)", transform):
            turned = float(match[1])
        width = text_width(text, size)
        start = {"middle": -width / 2, "end": -width}.get(element.get("text-anchor", "start"), 0.0)
        corners = [turn(x, y, turned) for x in (start, start + width) for y in (-0.75 * size, 0.2 * size)]
        columns, rows = [across + x for x, _ in corners], [up + y for _, y in corners]
        found.append(Placed(text, size, min(columns), max(columns), min(rows), max(rows)))
    return found


def turn(x: float, y: float, degrees: float) -> tuple[float, float]:
    from math import cos, radians, sin

    angle = radians(degrees)
    return x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle)
