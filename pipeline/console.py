"""What a person sees while a job runs: a live line on a terminal, plain lines elsewhere."""

from rich.console import Console
from rich.status import Status

from pipeline.job import StepResult
from pipeline.steps import Report

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


class StepPrinter:
    """Prints each step with the time it took."""

    def __init__(self) -> None:
        """Nothing is shown until the first step starts."""
        self._status: Status | None = None

    def start(self, name: str) -> Report:
        """Show that a step has begun; returns where its progress goes."""
        if not console.is_terminal:
            return lambda _: None
        status = console.status(name)
        status.start()
        self._status = status
        return lambda line: status.update(f"{name}: {line}")

    def end(self, result: StepResult) -> None:
        """Show a finished step."""
        self.stop()
        console.print(f"{result.name:<14} {result.seconds:6.1f} s  {result.outcome.detail}", markup=False)

    def stop(self) -> None:
        """Take the live line away."""
        if self._status is not None:
            self._status.stop()
            self._status = None
