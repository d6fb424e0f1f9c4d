"""Errors that a person can act on, each with the exit code that the command line ends with."""

import errno


class ClaimsError(Exception):
    """Base of all expected errors: the message says what is wrong, where, and what to do."""

    exit_code = 1


class DataError(ClaimsError):
    """The data, an audit or a gate says no."""

    exit_code = 1


class UsageError(ClaimsError):
    """The call itself is wrong: a missing file, an unknown name, an impossible option."""

    exit_code = 2


class WarehouseError(ClaimsError):
    """The warehouse is locked by somebody else, or broken."""

    exit_code = 3


class Interrupted(KeyboardInterrupt):
    """A signal asked this process to end; a KeyboardInterrupt, since libraries let that pass."""


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
    if number == errno.EFBIG or "File too large" in text:
        return "A file would grow beyond this account's limit of file sizes: raise it (`ulimit -f`)"
    if number in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return "A file may not be read or written: check the permissions with `claims doctor`"
    return None
