"""What a person sees while a job runs: a live line on a terminal, plain lines elsewhere."""

import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from warehouse.progress import Counted, Report

if TYPE_CHECKING:
    from pipeline.job.step import StepResult

# Both follow NO_COLOR; nothing they show is told by colour alone.
# What somebody said in a video may hold `:heart:`; it is printed as it is.
console = Console(highlight=False, soft_wrap=True, emoji=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)

# Where nobody watches, a long step says now and then how far it has come.
PLAIN_SEC = 20.0


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
        return self._bar(name) if console.is_terminal else _plain(name)

    def _bar(self, name: str) -> Report:
        # Without a total the bar only shows that something moves, so it waits for the first counted line.
        waiting = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        counting = (*waiting[:1], BarColumn(), MofNCompleteColumn(), *waiting[1:])
        live = Progress(*waiting, console=console, transient=True)
        task: TaskID = live.add_task(name, total=None)
        live.start()
        self._live = live

        def show(line: str) -> None:
            if isinstance(line, Counted):
                live.columns = counting
                live.update(task, completed=line.done, total=line.total)
            live.update(task, description=f"{name}: {line}")

        return show

    def end(self, result: "StepResult") -> None:
        """Show a finished step."""
        self.stop()
        memory = f"{result.peak_memory_byte_count / 2**20:7,.0f} MB  " if self._shows_memory else ""
        console.print(f"{result.name:<14} {result.seconds:6.1f} s  {memory}{result.outcome.detail}", markup=False)

    def stop(self) -> None:
        """Take the live line away."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def _plain(name: str) -> Report:
    last = time.monotonic()

    def show(line: str) -> None:
        nonlocal last
        if isinstance(line, Counted) and time.monotonic() - last >= PLAIN_SEC:
            last = time.monotonic()
            console.print(f"{name:<14} {line.done:>6} of {line.total} pieces of work: {line}", markup=False)

    return show
