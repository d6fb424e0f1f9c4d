"""What a person sees while a job runs: a live line on a terminal, plain lines elsewhere."""

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from pipeline.job import StepResult
from pipeline.steps import Report

# Both follow NO_COLOR; nothing they show is told by colour alone.
console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


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
        if not console.is_terminal:
            return lambda _: None
        self.stop()
        live = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True
        )
        task: TaskID = live.add_task(name, total=None)
        live.start()
        self._live = live
        return lambda line: live.update(task, description=f"{name}: {line}")

    def end(self, result: StepResult) -> None:
        """Show a finished step."""
        self.stop()
        memory = f"{result.peak_memory_byte_count / 2**20:7,.0f} MB  " if self._shows_memory else ""
        console.print(f"{result.name:<14} {result.seconds:6.1f} s  {memory}{result.outcome.detail}", markup=False)

    def stop(self) -> None:
        """Take the live line away."""
        if self._live is not None:
            self._live.stop()
            self._live = None
