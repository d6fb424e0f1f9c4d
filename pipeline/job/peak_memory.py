"""Peak memory of a step, child processes included."""

import threading
from types import TracebackType
from typing import Self

import psutil

INTERVAL_SEC = 0.1


class PeakMemory:
    """Samples the resident memory of this process and its children while a block runs.

    A peak shorter than `INTERVAL_SEC` may be missed; pages that processes share are counted in each.
    """

    def __init__(self) -> None:
        self.byte_count = 0
        self._process = psutil.Process()
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="peak-memory")

    def _watch(self) -> None:
        while not self._has_ended.wait(INTERVAL_SEC):
            self._sample()

    def _sample(self) -> None:
        total = 0
        for process in [self._process, *self._process.children(recursive=True)]:
            try:
                total += process.memory_info().rss
            except psutil.Error:  # it ended meanwhile
                continue
        self.byte_count = max(self.byte_count, total)

    def __enter__(self) -> Self:
        """Start sampling."""
        self._sample()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop sampling; `byte_count` holds the peak."""
        self._has_ended.set()
        self._thread.join()
        self._sample()
