"""What a command that failed says, and the exit code it ends with."""

import os
import traceback
from pathlib import Path

from warehouse.errors import ClaimsError, shortage
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
