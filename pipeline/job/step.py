"""What a step is, what it did, and how long it took: the words that the job, the screen and the ledger share."""

from collections.abc import Callable
from typing import NamedTuple

from warehouse.progress import Report
from warehouse.settings import Settings


class Outcome(NamedTuple):
    """What a step did."""

    row_count: int
    detail: str
    check_count: int = 0
    """Data tests and expectations that passed."""


Action = Callable[[Settings, Report], Outcome]


class Step(NamedTuple):
    """One step of the main job."""

    name: str
    action: Action
    has_output: Callable[[Settings], bool] | None = None
    """Whether its outputs are in place; a step without this check is cheap or idempotent and is never skipped."""
    rooms: tuple[str, ...] = ()
    """Rooms whose code it uses beside those that make results."""


class StepResult(NamedTuple):
    """A finished step."""

    name: str
    seconds: float
    outcome: Outcome
    peak_memory_byte_count: int = 0
    is_skipped: bool = False
