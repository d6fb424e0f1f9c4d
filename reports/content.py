"""What a page is made of, apart from how it is drawn: the templates render these."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from markupsafe import Markup
from matplotlib.figure import Figure as Drawing

from reports.svg import to_svg
from wording import numbers
from wording.rows import Row

Value = str | Callable[[Row], Any]
"""A column's name, or what is computed from a row."""
Format = Callable[[Any], str]


class Column(NamedTuple):
    """One column of a table on a page."""

    header: str
    value: Value
    format: Format
    is_number: bool
    """Numbers are aligned right."""
    link: Callable[[Row], str] | None = None
    """Where a cell leads."""

    def of(self, row: Row) -> Any:
        """The value as the warehouse holds it."""
        return self.value(row) if callable(self.value) else row[self.value]


def plain(value: Any) -> str:
    """A text as it is."""
    return "–" if value is None or value == "" else str(value)


def words(value: str | None) -> str:
    """A code in words."""
    return plain(value).replace("_", " ")


def yes_no(value: bool) -> str:
    """A truth in a word."""
    return "yes" if value else "no"


def text(header: str, value: Value, format: Format = plain) -> Column:  # noqa: A002
    """A column of words."""
    return Column(header, value, format, is_number=False)


def number(header: str, value: Value, format: Format = numbers.count) -> Column:  # noqa: A002
    """A column of numbers."""
    return Column(header, value, format, is_number=True)


def bounds(lower: str, upper: str, format: Format) -> tuple[Column, Column]:  # noqa: A002
    """Both ends of an interval."""
    return number("From", lower, format), number("To", upper, format)


def slug(heading: str) -> str:
    """A name for links, from the words of a heading."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


class Table(NamedTuple):
    """A data table; the first cell of each row is its header."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    is_folded: bool = False
    """Long tables open on demand."""
    is_filtered: bool = False
    """The filters by verified and author status hide rows."""
    is_searchable: bool = False
    """Readers sort and search it where scripts run."""
    kind: str = "table"

    @property
    def anchor(self) -> str:
        """Where links find it, and the name of its CSV."""
        return slug(self.caption)

    def cells(self, row: Row) -> list[tuple[str, bool, str]]:
        """What a reader sees of a row, whether each is a number, and where it leads."""
        return [
            (column.format(column.of(row)), column.is_number, column.link(row) if column.link else "")
            for column in self.columns
        ]

    def value(self, row: Row, place: int) -> str:
        """A number as scripts sort by it."""
        value = self.columns[place].of(row)
        return "" if value is None else str(value)


class Figure(NamedTuple):
    """A chart with its finding as the title, and its numbers as text and table."""

    key: str
    """Unique on its page."""
    title: str
    svg: Markup
    description: str
    """What else was found; empty where the text around it says so for several charts."""
    reading: str = ""
    """How to read its marks: no word for the edition without charts."""
    table: Table | None = None
    data: str = ""
    """Anchor of the table that holds its numbers among others, where it has none of its own."""
    kind: str = "figure"


def figure(
    key: str,
    title: str,
    drawing: Drawing,
    description: str = "",
    table: Table | None = None,
    data: str = "",
    reading: str = "",
) -> Figure:
    """A drawn chart as part of a page; its text alternative is its finding."""
    return Figure(
        key=key,
        title=title,
        svg=to_svg(drawing, key, title),
        description=description,
        reading=reading,
        table=table,
        data=data or (table.anchor if table else ""),
    )


class Text(NamedTuple):
    """One or more paragraphs."""

    paragraphs: Sequence[str]
    kind: str = "text"


class Reading(NamedTuple):
    """How to read the marks of the charts beside it: left out of the edition without charts."""

    sentence: str
    kind: str = "reading"


class Bullets(NamedTuple):
    """A list of sentences."""

    items: Sequence[str]
    kind: str = "bullets"


class Link(NamedTuple):
    """Where to read on."""

    target: str
    """A page's name, or a file beside the pages."""
    label: str
    about: str = ""


class Links(NamedTuple):
    """A list of links, each with what is found there."""

    items: Sequence[Link]
    kind: str = "links"


class Prose(NamedTuple):
    """Rendered Markdown."""

    html: Markup
    kind: str = "prose"


class Grid(NamedTuple):
    """Small charts side by side, one below the other on a phone."""

    figures: Sequence[Figure]
    kind: str = "grid"


class Variant(NamedTuple):
    """What one choice of the filters shows."""

    verified: str
    author: str
    label: str
    figures: Sequence[Figure]
    note: str = ""


class Filtered(NamedTuple):
    """Charts that two filters choose between, and some videos of each bar; without scripts the first is shown."""

    verified_options: Sequence[tuple[str, str]]
    author_options: Sequence[tuple[str, str]]
    variants: Sequence[Variant]
    bars: Mapping[str, Sequence[tuple[str, str]]]
    """By metric: each bar's name with its words."""
    examples: Table
    """Its rows say in `bars` which bars they belong to."""
    kind: str = "filtered"


class Capacity(NamedTuple):
    """What a reader's choice of review capacity covers."""

    value: str
    label: str
    sentence: str
    video_count: int
    first_come_video_count: int
    """Videos to review in order of arrival for the same views of claims."""


class Calculator(NamedTuple):
    """The choice of a capacity and of the minutes that one review takes."""

    capacities: Sequence[Capacity]
    minutes_per_review: float
    kind: str = "calculator"


Block = Table | Figure | Text | Reading | Bullets | Links | Prose | Grid | Filtered | Calculator


class Section(NamedTuple):
    """A heading with what stands under it."""

    heading: str
    blocks: Sequence[Block]
    name: str = ""

    @property
    def anchor(self) -> str:
        """Where links find it."""
        return self.name or slug(self.heading)


class Page(NamedTuple):
    """One page of the site: what everybody reads, then an appendix for those who check."""

    name: str
    """File name without its ending."""
    label: str
    """Name in the navigation."""
    title: str
    summary_heading: str
    summary: Sequence[str]
    sections: Sequence[Section]
    appendix: Sequence[Section] = ()

    def tables(self) -> list[Table]:
        """Every table, those of charts too."""
        found = []
        for section in (*self.sections, *self.appendix):
            for block in section.blocks:
                if isinstance(block, Filtered):
                    found.append(block.examples)
                figures = block.figures if isinstance(block, Grid) else [block] if isinstance(block, Figure) else []
                found += [block] if isinstance(block, Table) else [entry.table for entry in figures if entry.table]
        return found


class Stamp(NamedTuple):
    """Which release a page belongs to."""

    release_id: str
    staged_at: datetime

    @property
    def moment(self) -> str:
        """When it was staged, for people."""
        return f"{self.staged_at:%d %B %Y, %H:%M} UTC".removeprefix("0")
