"""What commands begin with: settings, with the home looked at before it is read, and the steps that they run."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.job.step import Step, StepResult
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


def run_job(
    job: "list[Step]",
    target: str | None = None,
    *,
    is_resumed: bool = False,
    shows_memory: bool = False,
    **overrides: object,
) -> "list[StepResult]":
    """Run steps under the settings of the environment, and show each.

    Args:
        job: The steps.
        target: The dbt target, where one is named.
        is_resumed: Skip the steps that are finished and unchanged.
        shows_memory: Show each step's peak memory.
        **overrides: Settings that win over the environment.

    Returns:
        The finished steps.
    """
    from pipeline.cli.console import StepPrinter
    from pipeline.job.runner import run_steps
    from warehouse.settings import load_settings

    printer = StepPrinter(shows_memory=shows_memory)
    try:
        return run_steps(
            load_settings(target=target, **overrides), job, printer.start, printer.end, is_resumed=is_resumed
        )
    finally:
        printer.stop()
