"""What a page is made of, apart from how it is drawn: the templates render these."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

Row = dict[str, Any]
Data = dict[str, list[Row]]
"""Rows of every named query."""


class Table(NamedTuple):
    """A data table; the first cell of each row is its header."""

    caption: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    filter_keys: Sequence[tuple[str, str]] = ()
    """Verified and author status of each row, where a filter may hide it."""
    is_folded: bool = False
    """Long tables open on demand."""
    kind: str = "table"


class Figure(NamedTuple):
    """A chart with its finding as the title, and its numbers as text and table."""

    title: str
    svg: Markup
    description: str
    """What the chart shows, with the numbers that matter: the text alternative."""
    table: Table | None = None
    kind: str = "figure"


class Text(NamedTuple):
    """One or more paragraphs."""

    paragraphs: Sequence[str]
    kind: str = "text"


class Bullets(NamedTuple):
    """A list of sentences."""

    items: Sequence[str]
    kind: str = "bullets"


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
    """Charts that two filters choose between; without scripts the first variant is shown."""

    verified_options: Sequence[tuple[str, str]]
    author_options: Sequence[tuple[str, str]]
    variants: Sequence[Variant]
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


Block = Table | Figure | Text | Bullets | Prose | Grid | Filtered | Calculator


class Section(NamedTuple):
    """A heading with what stands under it."""

    heading: str
    blocks: Sequence[Block]


class Page(NamedTuple):
    """One page of the site."""

    name: str
    """File name without its ending."""
    label: str
    """Name in the navigation."""
    title: str
    summary_heading: str
    summary: Sequence[str]
    sections: Sequence[Section]
