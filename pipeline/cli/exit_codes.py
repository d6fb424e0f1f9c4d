"""What a command that failed says, and the exit code it ends with."""

import os
import re
import signal
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from pipeline.state import home, signals
from warehouse.errors import ClaimsError, shortage
from warehouse.settings import load_settings

BROKEN = 3
USAGE = 2
_BY_SIGNAL = 128


def exit_code(error: BaseException) -> int:
    """Say what went wrong on standard error, as far as anybody still listens there.

    Args:
        error: What ended the command.

    Returns:
        0 done, 1 the data or an audit says no, 2 usage, 3 locked, broken, unexpected or nothing there yet, 128 and the
        signal's number when one ended the command: 129 SIGHUP, 130 Ctrl-C, 131 SIGQUIT, 143 SIGTERM.
    """
    code, sentence = _judge(error)
    if sentence:
        # A terminal that was closed takes no more words.
        with suppress(OSError):
            from pipeline.cli.console import errors

            errors.print(f"claims: {sentence}")
    return code


def _judge(error: BaseException) -> tuple[int, str]:
    by_ctrl_c = _BY_SIGNAL + signal.SIGINT
    if signals.is_interruption(error) or (isinstance(error, SystemExit) and error.code == by_ctrl_c):
        number = signals.received() or signal.SIGINT
        by = "" if number == signal.SIGINT else f" by {number.name}"
        untouched = "The published release is untouched; the next run clears up."
        return _BY_SIGNAL + number, f"interrupted{by}. {untouched}"
    if isinstance(error, SystemExit):
        # Who read the help has left; the libraries that print it call that 1.
        has_left = isinstance(error.__context__, BrokenPipeError)
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        return 0 if has_left else code, ""
    if isinstance(error, ClaimsError):
        return error.exit_code, f"{_traceback(error)}{error}" if _is_debugging() else str(error)
    # Told by what they can do: the command line's library keeps the class to itself.
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        return USAGE, _usage(error)
    if missing := re.search(r"Table with name (\S+) does not exist", str(error)):
        return BROKEN, (
            f"there is no table {missing[1]} here yet, or it was made by another version. "
            "Run `claims run`, or `claims build` and the steps up to this one."
        )
    return BROKEN, _unexpected(error)


def _usage(error: Any) -> str:
    context = getattr(error, "ctx", None)
    message = str(error.format_message()).strip().rstrip(".")
    if not message:
        return ""  # `claims` alone has shown the help
    return f"{message}. See `{context.command_path if context else 'claims'} --help`."


def _unexpected(error: BaseException) -> str:
    """One sentence with a remedy; the traceback goes to a file, and to the screen with `CLAIMS_DEBUG=1`."""
    details = _traceback(error)
    if _is_debugging():
        return details
    what = f"{type(error).__name__}: {str(error).strip() or 'no further word'}".splitlines()[0]
    file = _keep(details)
    where = f"Details stand in {file}" if file else "Run it again with CLAIMS_DEBUG=1 for details"
    return f"{_remedy(error)} ({what}). The published release is untouched; the next run clears up. {where}."


def _is_debugging() -> bool:
    return os.environ.get("CLAIMS_DEBUG") == "1"


def _traceback(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def _remedy(error: BaseException) -> str:
    if told := shortage(error):
        return told
    return "An unexpected error stopped this command"


def _keep(details: str) -> Path | None:
    try:
        settings = load_settings()
        if not home.is_marked(settings):
            return None
        path = settings.home / "last-error.txt"
        path.touch(mode=0o600)
        path.write_text(details, encoding="utf-8")
    except (OSError, ClaimsError):
        return None
    return path
