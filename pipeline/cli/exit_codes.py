"""What a command that failed says, and the exit code it ends with."""

import errno
import os
import traceback
from pathlib import Path

from warehouse.errors import ClaimsError
from warehouse.settings import load_settings

INTERRUPTED = 130
BROKEN = 3


def exit_code(error: BaseException) -> int:
    """Say what went wrong on standard error.

    Args:
        error: What ended the command.

    Returns:
        0 done, 1 the data or an audit says no, 2 usage, 3 locked, broken or unexpected, 130 interrupted.
    """
    from pipeline.cli.console import errors

    if isinstance(error, SystemExit) and error.code != INTERRUPTED:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    # DuckDB 2.0 turns Ctrl-C within a query into an error of its own.
    if isinstance(error, SystemExit | KeyboardInterrupt) or "Query interrupted" in str(error):
        errors.print("claims: interrupted. The published release is untouched; the next run clears up.", markup=False)
        return INTERRUPTED
    if isinstance(error, ClaimsError):
        errors.print(f"claims: {error}", markup=False)
        return error.exit_code
    errors.print(f"claims: {_unexpected(error)}", markup=False)
    return BROKEN


def _unexpected(error: BaseException) -> str:
    """One sentence with a remedy; the traceback goes to a file, and to the screen with `CLAIMS_DEBUG=1`."""
    details = "".join(traceback.format_exception(error))
    if os.environ.get("CLAIMS_DEBUG") == "1":
        return details
    what = f"{type(error).__name__}: {str(error).strip() or 'no further word'}".splitlines()[0]
    file = _keep(details)
    where = f"Details stand in {file}" if file else "Run it again with CLAIMS_DEBUG=1 for details"
    return f"{_remedy(error)} ({what}). The published release is untouched; the next run clears up. {where}."


def shortage(error: BaseException | str) -> str | None:
    """What to do where the machine, not the data, is short of something; None where it is not.

    Args:
        error: An error, or the text of one that another program has turned into a message.
    """
    text, number = str(error), error.errno if isinstance(error, OSError) else None
    if number in {errno.ENOSPC, errno.EDQUOT} or "No space left" in text:
        return "The disk is full: free some space, then run it again"
    # DuckDB's errors are told by name and text, so that reporting one imports no DuckDB; a library that finds no room
    # to be loaded is an ImportError.
    is_out_of_memory = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException"
    signs = ("Out of Memory", "failed to map segment", "annot allocate memory")
    if is_out_of_memory or number == errno.ENOMEM or any(sign in text for sign in signs):
        return "Memory ran out: close other programs, or change CLAIMS_MEMORY_LIMIT or CLAIMS_THREADS"
    if number in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return "A file may not be written: check the permissions with `claims doctor`"
    return None


def _remedy(error: BaseException) -> str:
    if told := shortage(error):
        return told
    if type(error).__name__ == "CatalogException" and "Table with name" in str(error):
        return "The working warehouse lacks a table: run `claims run`, or `claims build`, first"
    return "An unexpected error stopped this command"


def _keep(details: str) -> Path | None:
    try:
        path = load_settings().home / "last-error.txt"
        path.write_text(details, encoding="utf-8")
    except (OSError, ClaimsError):
        return None
    return path
