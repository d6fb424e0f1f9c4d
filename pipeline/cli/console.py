"""What a person sees while a job runs: a live line on a terminal, plain lines elsewhere."""

import os
import sys
import time
from typing import IO, TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from pipeline.cli.json_text import json_text
from warehouse.progress import Counted, Report

if TYPE_CHECKING:
    from pipeline.job.step import StepResult

# Where nobody watches, a long step says now and then how far it has come.
PLAIN_SEC = 20.0

# Spaces that our own sentences and other people's names hold; Python counts them as not printable.
_SPACES = "\u00a0\u2009\u202f\u3000"


def visible(text: str) -> str:
    """Text that a terminal shows and never obeys: what is not printable stands as its escape, lines stay lines."""
    kept = "\n\t" + _SPACES
    return "".join(letter if letter.isprintable() or letter in kept else ascii(letter)[1:-1] for letter in text)


def one_line(text: object) -> str:
    """Text from outside as part of a line: line ends and tabs stand as escapes too."""
    return visible(str(text)).replace("\n", "\\n").replace("\t", "\\t")


class PlainConsole(Console):
    """Prints text as it is, without anything that a terminal would obey; who reads may leave at any time."""

    def __init__(self, **options: Any) -> None:
        """Take the options of `rich.console.Console`."""
        super().__init__(**{"highlight": False, "soft_wrap": True, "markup": False, "emoji": False, **options})

    def print(self, *objects: Any, **options: Any) -> None:
        """Print; see `rich.console.Console.print`."""
        super().print(*(visible(item) if isinstance(item, str) else item for item in objects), **options)

    def on_broken_pipe(self) -> None:
        """Go on without a reader, as `claims queue | head -1` leaves it: that is no failure."""
        self.quiet = True
        _discard(self.file)


# Both follow NO_COLOR; nothing they show is told by colour alone.
console = PlainConsole()
errors = PlainConsole(stderr=True)


def show_json(document: Any) -> None:
    """Print a document for a program; see `json_text`."""
    try:
        sys.stdout.write(json_text(document) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _discard(sys.stdout)


def _discard(stream: IO[str]) -> None:
    """Send the rest nowhere, or Python would complain at the exit about what it could not write."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


class StepPrinter:
    """Prints each step with the time it took."""

    def __init__(self, *, shows_memory: bool = False) -> None:
        """Nothing is shown until the first step starts.

        Args:
            shows_memory: Print each step's peak memory too, child processes included.
        """
        self._shows_memory = shows_memory
        self._live: Progress | None = None

    def start(self, name: str) -> Report:
        """Show that a step has begun; returns where its progress goes."""
        self.stop()
        return self._bar(name) if console.is_terminal else _plain_progress(name)

    def _bar(self, name: str) -> Report:
        # Without a total the bar only shows that something moves, so it waits for the first counted line.
        waiting = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        counting = (*waiting[:1], BarColumn(), MofNCompleteColumn(), *waiting[1:])
        live = Progress(*waiting, console=console, transient=True)
        task: TaskID = live.add_task(name, total=None)
        live.start()
        self._live = live

        def show(line: str) -> None:
            if isinstance(line, Counted):
                live.columns = counting
                live.update(task, completed=line.done, total=line.total)
            live.update(task, description=f"{name}: {one_line(line)}")

        return show

    def end(self, result: "StepResult") -> None:
        """Show a finished step."""
        self.stop()
        memory = f"{result.peak_memory_byte_count / 2**20:7,.0f} MB  " if self._shows_memory else ""
        console.print(f"{result.name:<14} {result.seconds:6.1f} s  {memory}{one_line(result.outcome.detail)}")

    def stop(self) -> None:
        """Take the live line away."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def _plain_progress(name: str) -> Report:
    last = time.monotonic()

    def show(line: str) -> None:
        nonlocal last
        if isinstance(line, Counted) and time.monotonic() - last >= PLAIN_SEC:
            last = time.monotonic()
            console.print(f"{name:<14} {line.done:>6} of {line.total} pieces of work: {one_line(line)}")

    return show
