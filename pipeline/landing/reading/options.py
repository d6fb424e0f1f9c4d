"""What a person says about deliveries on the command line, where a file alone does not show it."""

import codecs
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from warehouse import contract
from warehouse.errors import UsageError


class ColumnMap(NamedTuple):
    """Another platform's names of our columns."""

    names: Mapping[str, str] = {}
    """Landed column -> its name in the file."""
    values: Mapping[str, Mapping[str, str | None]] = {}
    """Landed column -> the file's categories, in lower case, and ours for them; None for no value."""
    absent: frozenset[str] = frozenset()
    """Landed columns that the platform has not."""

    def applied(self, feed: contract.Feed) -> contract.Feed:
        """The feed as this platform delivers it: its categories' other names, and what no record can have."""
        return feed._replace(
            columns=tuple(
                column._replace(
                    is_required=column.is_required and column.name not in self.absent,
                    category_synonyms={**column.category_synonyms, **self.values.get(column.name, {})},
                )
                for column in feed.columns
            )
        )


class Options(NamedTuple):
    """What holds for all files of one invocation."""

    encoding: str | None = None
    """Python's name for it; None to find out."""
    sheet: str | None = None
    """The sheet of a spreadsheet that holds the table."""
    columns: ColumnMap = ColumnMap()
    as_of: date | None = None
    """The day of which the files are; None leaves it to a `snapshot_at` in them, or to the order of landing."""
    is_blanking_allowed: bool = False
    """Whether a blank in them erases what earlier deliveries hold."""


def known_encoding(name: str) -> str:
    """Check the name of an encoding.

    Args:
        name: As a person writes it.

    Returns:
        Python's own name for it.

    Raises:
        UsageError: There is no such encoding of text.
    """
    try:
        found = codecs.lookup(name)
    except LookupError:
        found = None
    if found is None or not found._is_text_encoding:
        raise UsageError(f"--encoding {name!r} is unknown. Name one as Python does, such as cp1251, koi8_r or utf-16.")
    return found.name
