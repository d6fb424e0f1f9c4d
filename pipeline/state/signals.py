"""Signals that ask the command to end: each becomes an exception, so that what was begun is put away and noted."""

import signal
from types import FrameType

from warehouse.errors import Interrupted

# Ctrl-C; what docker and systemd send; a closed terminal; Ctrl-\\.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_received: list[signal.Signals] = []


def listen() -> None:
    """Turn the signals into `Interrupted`; one that is ignored, as `nohup` does with SIGHUP, stays ignored."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def received() -> signal.Signals | None:
    """The first signal that came; whatever failed afterwards, failed because of it."""
    return _received[0] if _received else None


def raise_if_received() -> None:
    """Stop where a library has swallowed the exception.

    Raises:
        Interrupted: A signal has come.
    """
    if number := received():
        raise Interrupted(number.name)


def is_interruption(error: BaseException) -> bool:
    """Whether an error means that somebody asked to stop; DuckDB 2.0 has one of its own for that."""
    return received() is not None or isinstance(error, KeyboardInterrupt) or "Query interrupted" in str(error)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _received.append(signal.Signals(number))
    raise Interrupted(signal.Signals(number).name)
