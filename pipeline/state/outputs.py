"""Files that a person names for a command to write: never in the home, never over another file unasked."""

from pathlib import Path

from warehouse.errors import UsageError
from warehouse.settings import Settings


def require_writable(settings: Settings, *files: Path, is_forced: bool) -> None:
    """Refuse to write where it would do harm; every command that takes the name of a file asks here first.

    Args:
        settings: Whose home is refused, with the releases in it.
        files: All that would be written.
        is_forced: Whether files that exist may be replaced.

    Raises:
        UsageError: One lies in the home or a release, is a folder, or exists.
    """
    own = {settings.home.resolve(), settings.releases.resolve()}
    for file in files:
        place = file.expanduser().resolve()
        if any(place.is_relative_to(folder) for folder in own):
            raise UsageError(f"{file} lies in {settings.home}, where only claims itself writes. Choose another place.")
        if place.is_dir():
            raise UsageError(f"{file} is a folder. Name a file.")
        # A pipe or a terminal loses nothing.
        if place.is_file() and not is_forced:
            raise UsageError(f"{file} exists. Choose another name, or add --force to replace it.")
