"""Slides for leadership: at most eight, charts that can be edited, notes with what to say."""

import re
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.enum.text import PP_ALIGN
from pptx.util import Cm, Pt

from reports.charts import LOOKS
from reports.content import Stamp

MOST_SLIDES = 8
_ACCENT = RGBColor(0x0B, 0x4F, 0x8A)
_EPOCH = (1980, 1, 1, 0, 0, 0)


COUNTS = '[>=1000000000]0.0,,," billion";[>=1000000]0.0,," million";#,##0'
"""How a chart writes counts: large ones in words."""
PERCENT = '0.0"\u00a0%"'
LARGE, SMALL = Pt(22), Pt(18)
MANY_WORDS = 110
"""A slide of more words is set small, so that none falls off it."""


class SlideChart(NamedTuple):
    """A bar chart of one or more series."""

    categories: Sequence[str]
    series: Mapping[str, Sequence[float]]
    is_share: bool = False
    number_format: str = COUNTS


class Slide(NamedTuple):
    """One slide: a finding as its title, a few sentences or a chart, and what to say."""

    title: str
    sentences: Sequence[str]
    notes: Sequence[str]
    chart: SlideChart | None = None


def write_deck(title: str, slides: Sequence[Slide], stamp: Stamp | None, path: Path) -> None:
    """Write the slides, a title slide first.

    Args:
        title: Of the deck.
        slides: At most seven beside the title.
        stamp: The release, named on the title slide.
        path: A `.pptx` file; the same words give the same bytes.
    """
    if len(slides) >= MOST_SLIDES:
        raise ValueError(f"A deck of {len(slides) + 1} slides is too long; leadership sees at most {MOST_SLIDES}.")
    deck = Presentation()
    deck.slide_width, deck.slide_height = Cm(33.87), Cm(19.05)
    deck.core_properties.title, deck.core_properties.author = title, "Data team"
    if stamp:
        deck.core_properties.created = deck.core_properties.modified = stamp.staged_at.replace(tzinfo=None)
    first = deck.slides.add_slide(deck.slide_layouts[5])
    _title(first, title, Cm(6.5), 40)
    if stamp:
        _lines(first, [f"Release {stamp.release_id}", f"Staged {stamp.moment}"], Cm(10), SMALL)
    for slide in slides:
        page = deck.slides.add_slide(deck.slide_layouts[5])
        _title(page, slide.title, Cm(1.2), 28)
        if slide.chart:
            _chart(page, slide.chart, slide.title)
        is_full = sum(len(sentence.split()) for sentence in slide.sentences) > MANY_WORDS
        size = SMALL if slide.chart or is_full else LARGE
        _lines(page, slide.sentences, Cm(14.6) if slide.chart else Cm(4.6), size)
        page.notes_slide.notes_text_frame.text = "\n".join(slide.notes)
    buffer = BytesIO()
    deck.save(buffer)
    _without_clock(buffer, path)


def _title(page: Any, text: str, top: int, size: int) -> None:
    shape = page.shapes.title
    shape.left, shape.top, shape.width, shape.height = Cm(2), top, Cm(29.8), Cm(3)
    shape.text_frame.text = text
    shape.text_frame.word_wrap = True
    run = shape.text_frame.paragraphs[0]
    run.alignment = PP_ALIGN.LEFT
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), True, _ACCENT


def _lines(page: Any, sentences: Sequence[str], top: int, size: Pt) -> None:
    frame = page.shapes.add_textbox(Cm(2), top, Cm(29.8), Cm(4)).text_frame
    frame.word_wrap = True
    for place, sentence in enumerate(sentences):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        paragraph.text, paragraph.font.size, paragraph.space_after = sentence, size, Pt(10)


def _chart(page: Any, chart: SlideChart, finding: str) -> None:
    data = CategoryChartData(number_format="0.0%" if chart.is_share else chart.number_format)
    data.categories = chart.categories
    for name, values in chart.series.items():
        data.add_series(name, values)
    kind = XL_CHART_TYPE.BAR_STACKED_100 if chart.is_share else XL_CHART_TYPE.BAR_CLUSTERED
    frame = page.shapes.add_chart(kind, x=Cm(2), y=Cm(4.6), cx=Cm(29.8), cy=Cm(9.6), chart_data=data)
    # What a screen reader says: the finding, as on the pages.
    frame._element.nvGraphicFramePr.cNvPr.set("descr", finding)  # python-pptx 1.0 has no name for it
    drawn = frame.chart
    drawn.has_legend = len(chart.series) > 1
    if drawn.has_legend:
        drawn.legend.position, drawn.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    drawn.font.size = Pt(16)
    plot = drawn.plots[0]
    plot.gap_width, plot.has_data_labels = 60, True
    drawn.value_axis.visible, drawn.value_axis.has_major_gridlines = False, False
    drawn.category_axis.reverse_order = True
    for series in plot.series:
        colour = LOOKS.get(series.name.removesuffix("s"), LOOKS["claim"]).colour
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = RGBColor.from_string(colour.removeprefix("#").upper())
        series.data_labels.font.size = Pt(16)
        series.data_labels.show_value = True
        if len(chart.series) > 1:
            series.data_labels.font.color.rgb = RGBColor(0xFF, 0xFF, 0xFF)


def _without_clock(source: BytesIO, path: Path) -> None:
    """Copy the archive with one fixed time for every entry, in embedded workbooks too."""
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            if name.endswith(".xlsx"):
                content = _fixed_workbook(content)
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(entry, content)


def _fixed_workbook(content: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as before, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"1980-01-01T00:00:00Z", before.read(name))
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(entry, part)
    return buffer.getvalue()
