"""The settings of a command, with its home looked at first: a newer or a damaged one is refused before it is read."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warehouse.settings import Settings


def home_to_read(**overrides: object) -> "Settings":
    """Settings of a command that only looks; the home may be absent.

    Raises:
        UsageError: A setting holds what it does not take.
        WarehouseError: The home's marker is damaged, or belongs to a newer version.
    """
    from pipeline.state import home
    from warehouse.settings import load_settings

    settings = load_settings(**overrides)
    home.is_marked(settings)
    return settings


def home_to_write(**overrides: object) -> "Settings":
    """Settings of a command that writes into the home outside a run; it is made where it is absent.

    Raises:
        UsageError: A setting holds what it does not take.
        WarehouseError: The folder is not ours, or belongs to a newer version.
    """
    from pipeline.state import home

    settings = home_to_read(**overrides)
    home.prepare(settings)
    return settings
