"""Lines of progress that say how far the work has come."""

from collections.abc import Callable
from threading import Lock
from typing import Self

Report = Callable[[str], None]
"""Receives one short line about progress; a `Counted` one where the whole is known."""


class Counted(str):
    """A line that knows how many pieces of work have begun, and of how many."""

    done: int
    total: int

    def __new__(cls, line: str, done: int, total: int) -> Self:
        """Attach the counts to a line."""
        counted = super().__new__(cls, line)
        counted.done, counted.total = min(done, total), total
        return counted


class Pieces:
    """Counts the pieces of a known whole as they begin, from any thread."""

    def __init__(self, total: int, report: Report) -> None:
        """Nothing has begun.

        Args:
            total: Pieces of the whole.
            report: Receives a `Counted` line for each.
        """
        self._total, self._report = total, report
        self._begun, self._lock = 0, Lock()

    def __call__(self, line: str) -> None:
        """One piece more begins."""
        with self._lock:
            self._report(Counted(line, self._begun, self._total))
            self._begun += 1
