"""Errors that a person can act on, each with the exit code that the command line ends with."""


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
