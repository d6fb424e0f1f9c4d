"""What an erasure looks for, and how it is recognised in text that is no table."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict

from pipeline.state.tombstones import ungrouped
from warehouse.duckdb_engine import sql_literal

GONE = "[erased]"
_TELLING_ID = 100_000


class Sought(BaseModel):
    """The videos and reporters to erase, with what else tells of them."""

    model_config = ConfigDict(frozen=True, ignored_types=(cached_property,))

    video_ids: tuple[int, ...] = ()
    reporter_ids: tuple[str, ...] = ()
    transcripts: tuple[str, ...] = ()
    """The words of the videos, as they landed: a record that could not be read may hold them without the id."""

    def columns(self) -> dict[str, tuple[Any, ...]]:
        """The values to look for, by column; columns without one are left out."""
        return {
            column: values
            for column, values in (("video_id", self.video_ids), ("reporter_id", self.reporter_ids))
            if values
        }

    def each(self) -> Iterator[tuple[str, Any]]:
        """Column and value of every video and reporter."""
        for column, values in self.columns().items():
            for value in values:
                yield column, value

    @classmethod
    def of(cls, pairs: "Iterable[tuple[str, Any]]") -> "Sought":
        """Videos and reporters from columns and values, as `each` gives them."""
        found: dict[str, list[Any]] = {"video_id": [], "reporter_id": []}
        for column, value in pairs:
            found[column].append(value)
        return cls(video_ids=tuple(found["video_id"]), reporter_ids=tuple(found["reporter_id"]))

    def condition(self, names: set[str]) -> str:
        """SQL that is true for the rows to erase of a table with some columns, and false for all others."""
        tests = [
            f"coalesce(cast({column} as varchar) in ({', '.join(sql_literal(str(value)) for value in values)}), false)"
            for column, values in self.columns().items()
            if column in names
        ]
        return " or ".join(tests) or "false"

    def in_prose(self) -> "Sought":
        """What to look for where a short number is most often a count or a line, and no video."""
        # Not a copy, which would keep the pattern of all of them.
        telling = tuple(number for number in self.video_ids if number >= _TELLING_ID)
        return Sought(video_ids=telling, reporter_ids=self.reporter_ids, transcripts=self.transcripts)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = [rf"(?<!\d)0*{video_id}(?!\d)" for video_id in self.video_ids]
        parts += [rf"(?<![\w-]){re.escape(reporter_id)}(?![\w-])" for reporter_id in self.reporter_ids]
        parts += [re.escape(text) for text in self.transcripts]
        return re.compile("|".join(parts) or r"(?!)")

    def is_in(self, text: str | None) -> bool:
        """Whether a text tells of any of them."""
        return bool(text) and any(self._pattern.search(spelled) for spelled in (text or "", ungrouped(text or "")))

    def without(self, text: str) -> str:
        """The text with a mark in place of each of them."""
        return self._pattern.sub(GONE, text)
