"""`claims doctor`: is this installation, its folder and its current release in order? Leaves everything as it was."""

import importlib.metadata
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from pipeline.job import recovery
from pipeline.landing import erase, folder
from pipeline.release import switch
from pipeline.release.build import versions
from pipeline.state import home, ledger, locks
from warehouse import contract
from warehouse.duckdb_engine import Connection, EngineError, connect_file
from warehouse.errors import ClaimsError, WarehouseError
from warehouse.settings import Settings, code_version

# A run holds the working warehouse, its spill and the new release at once.
SPACE_PER_WAREHOUSE_BYTE = 4
LEAST_SPACE_BYTES = 500_000_000
SHOWN = 10

_TYPE_NAMES = {
    "VARCHAR": "string",
    "BIGINT": "bigint",
    "DOUBLE": "double",
    "BOOLEAN": "boolean",
    "TIMESTAMP": "timestamp",
}


class Finding(NamedTuple):
    """The outcome of one check."""

    name: str
    status: Literal["ok", "warn", "fail"]
    message: str
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Run every check; none of them changes anything, waits for a lock or uses a network.

    Args:
        settings: What to examine.

    Returns:
        At least one finding per check, in a fixed order.
    """
    settings = settings.model_copy(update={"lock_wait_sec": 0.0})
    checks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _versions,
        _folder,
        _readers,
        _one_disk,
        _disk,
        _run,
        _warehouse,
        _landing,
        _leftovers,
        _last_run,
        _release,
        _retention,
    )
    findings: list[Finding] = []
    for check in checks:
        try:
            findings.extend(check(settings))
        except (ClaimsError, OSError, EngineError) as error:
            findings.append(Finding(check.__name__.strip("_"), "fail", str(error)))
    return findings


def _versions(_settings: Settings) -> Iterator[Finding]:
    required = [name for name in importlib.metadata.requires("claims-warehouse") or [] if "extra ==" not in name]
    found = ", ".join(f"{name} {version}" for name, version in versions().items())
    yield Finding("versions", "ok", f"claims {code_version()}, {platform.system()}, {found}")
    broken = [text for text in required if not _is_met(text)]
    if broken:
        yield Finding("requirements", "fail", f"not met: {', '.join(broken)}.", "Run `make setup`.")
    else:
        yield Finding(
            "requirements", "ok", f"{len(required)} required libraries are installed in the versions asked for"
        )


def _is_met(text: str) -> bool:
    from packaging.requirements import Requirement

    requirement = Requirement(text)
    if requirement.marker is not None and not requirement.marker.evaluate():
        return True
    try:
        return requirement.specifier.contains(importlib.metadata.version(requirement.name), prereleases=True)
    except importlib.metadata.PackageNotFoundError:
        return False


def _folder(settings: Settings) -> Iterator[Finding]:
    if not settings.home.exists():
        yield Finding("folder", "warn", f"{settings.home} does not exist yet.", "The first `claims run` makes it.")
        return
    if not home.is_marked(settings):
        yield Finding("folder", "warn", f"{settings.home} has no {home.MARKER} yet.", "`claims run` says whose it is.")
    wanted = [
        settings.home,
        settings.landing,
        settings.releases,
        settings.work,
        settings.warehouse_file,
        settings.ledger,
    ]
    closed = [str(path) for path in wanted if path.exists() and not os.access(path, os.R_OK | os.W_OK)]
    if closed:
        yield Finding("folder", "fail", f"not writable: {', '.join(closed)}.", "Change the owner or the permissions.")
    else:
        yield Finding("folder", "ok", f"{settings.home} is writable")


def _readers(settings: Settings) -> Iterator[Finding]:
    """Whether other accounts reach the releases: each folder on the way has to let them through."""
    group = home.readers_group(settings)
    wanted = 0o001 if group is None else 0o010
    whom = "other accounts" if group is None else f"the group {settings.readers_group}"
    way = [folder for folder in (settings.releases, settings.home, *settings.home.parents) if folder.exists()]
    closed = [str(folder) for folder in way if not folder.stat().st_mode & (wanted | 0o001)]
    if not closed:
        yield Finding("readers", "ok", f"{whom} can read releases")
    elif group is None:
        yield Finding("readers", "ok", f"this account alone can read releases: {closed[0]} is closed to others")
    else:
        yield Finding(
            "readers", "warn", f"{whom} cannot read releases: {closed[0]} is closed to it.", f"chmod g+x {closed[0]}"
        )


def _one_disk(settings: Settings) -> Iterator[Finding]:
    if not settings.home.exists():
        return
    if apart := home.on_other_disks(settings):
        yield Finding(
            "one disk",
            "fail",
            f"{' and '.join(apart)} of {settings.home} stands on another disk: nothing can be moved there at once.",
            "Move the whole home to one disk and set CLAIMS_HOME.",
        )
    else:
        yield Finding("one disk", "ok", "what is finished can be moved into landing and releases")


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    size = settings.warehouse_file.stat().st_size if settings.warehouse_file.exists() else 0
    needed = max(SPACE_PER_WAREHOUSE_BYTE * size, LEAST_SPACE_BYTES)
    text = f"{free / 1e9:.1f} GB free, about {needed / 1e9:.1f} GB wanted for a run"
    if free < needed:
        yield Finding(
            "disk", "warn", f"{text}.", f"Free some space, or lower CLAIMS_RELEASES_KEPT ({settings.releases_kept})."
        )
    else:
        yield Finding("disk", "ok", text)


def _run(settings: Settings) -> Iterator[Finding]:
    if (settings.home / "run.lock").exists() and not os.access(settings.home / "run.lock", os.R_OK):
        yield Finding("run", "warn", "only the account that runs claims can tell whether a run is active.")
    elif locks.is_run_active(settings):
        yield Finding(
            "run", "warn", f"{locks.describe_run(settings)} is working.", "Wait for it before you start another."
        )
    else:
        yield Finding("run", "ok", "no run is active")


def _warehouse(settings: Settings) -> Iterator[Finding]:
    file = settings.warehouse_file
    if not file.exists():
        yield Finding("warehouse", "warn", f"there is no working warehouse at {file}.", "Run `claims run`.")
        return
    try:
        connection = connect_file(file, settings, read_only=True)
    except WarehouseError as error:
        is_held = "is held by" in str(error)
        if is_held:
            yield Finding("warehouse", "warn", str(error))
        else:
            message = str(error).removesuffix(" Run `claims doctor`.")
            yield Finding("warehouse", "fail", message, "The next `claims run` builds it anew.")
        return
    with connection:
        yield Finding("warehouse", "ok", f"{file} opens, {file.stat().st_size / 1e6:.1f} MB, held by nobody")
        drift = list(_drift(connection))
    if drift:
        yield Finding("contract", "warn", f"the file differs from the code: {'; '.join(drift)}.", "Run `claims run`.")
    else:
        yield Finding("contract", "ok", f"{len(contract.public_tables())} public tables are as the code declares them")


def _drift(connection: Connection) -> Iterator[str]:
    found: dict[str, dict[str, str]] = {}
    columns = connection.execute(
        "select table_schema, table_name, column_name, data_type from information_schema.columns "
        "order by ordinal_position"
    ).fetchall()
    for schema, table, column, data_type in columns:
        found.setdefault(f"{schema}.{table}", {})[column] = _TYPE_NAMES.get(data_type, data_type)
    for name in contract.public_tables():
        relation = contract.relation(name)
        declared = {column.name: column.data_type for column in contract.columns(name)}
        if relation not in found:
            yield f"{relation} is missing"
            continue
        actual = found[relation]
        for column in sorted(declared.keys() | actual.keys()):
            if declared.get(column) != actual.get(column):
                is_declared = declared.get(column, "not declared")
                yield f"{relation}.{column} is {actual.get(column, 'missing')}, in the code {is_declared}"


def _landing(settings: Settings) -> Iterator[Finding]:
    faults = [f"{path.name} ({fault})" for path, fault in folder.damaged(settings, is_thorough=True)]
    if faults:
        remedy = "Deliver these files again; the next `claims run` sets the damaged ones aside."
        yield Finding("landing", "fail", f"not as it landed: {', '.join(faults)}.", remedy)
    else:
        count = len(folder.landed_deliveries(settings))
        yield Finding("landing", "ok", f"{count} landed deliveries match their manifests")


def _leftovers(settings: Settings) -> Iterator[Finding]:
    if locks.is_run_active(settings):
        yield Finding("leftovers", "ok", "not looked for while a run is active")
        return
    found = [str(path.relative_to(settings.home)) for path in recovery.stale(settings)]
    if found:
        yield Finding("leftovers", "warn", f"unfinished: {', '.join(found)}.", "The next `claims run` clears them.")
    else:
        yield Finding("leftovers", "ok", "none of a broken run")
    if unknown := [str(path.relative_to(settings.home)) for path in recovery.unknown(settings)]:
        yield Finding(
            "unknown",
            "warn",
            f"not made by claims, and left alone: {', '.join(unknown[:SHOWN])}"
            f"{f' and {len(unknown) - SHOWN} more' if len(unknown) > SHOWN else ''}.",
            "Move it elsewhere, or remove it if it is nobody's.",
        )
    aside = folder.set_aside_folder(settings)
    if aside.exists() and any(aside.iterdir()):
        yield Finding(
            "set aside", "warn", f"damaged files stand in {aside}.", "Deliver landings again; then remove it."
        )


def _last_run(settings: Settings) -> Iterator[Finding]:
    remedy = "See `claims runs`; then `claims run --resume`."
    note = recovery.broken_off(settings)
    if note is not None and not locks.is_run_active(settings):
        yield Finding("last run", "warn", f"{note['step']} broke off; it began at {note['started_at']}.", remedy)
        return
    # A rollback is no part of a run; one that found nothing to go back to leaves nothing undone.
    entries = [
        entry
        for entry in ledger.read(settings.ledger)
        if entry.get("status") != "skipped" and entry.get("step") != "rollback"
    ]
    if not entries:
        yield Finding("last run", "warn", "none yet.", "Run `claims run`.")
        return
    last = entries[-1]
    text = f"{last.get('step')} {last.get('status')} at {last.get('ended_at') or last.get('started_at')}"
    if last.get("status") == "done":
        yield Finding("last run", "ok", text)
    else:
        error = str(last.get("error")).rstrip(".")
        yield Finding("last run", "warn", f"{text}: {error}.", remedy)


def _retention(settings: Settings) -> Iterator[Finding]:
    """What is older than releases may grow, and an erasure that has not ended."""
    if erase.waiting_folder(settings).exists():
        yield Finding("erasure", "warn", "one is under way and has not ended.", "Run `claims run`.")
    if settings.releases_kept_days is None:
        return
    old = switch.expired(settings, switch.list_releases(settings))
    if not old:
        yield Finding("retention", "ok", f"no release is older than {settings.releases_kept_days} days")
        return
    current = settings.current.resolve().name if settings.current.exists() else None
    remedy = "The next publish removes them." if current not in old else "Publish anew: the current one is among them."
    yield Finding("retention", "warn", f"older than {settings.releases_kept_days} days: {', '.join(old)}.", remedy)


def _release(settings: Settings) -> Iterator[Finding]:
    names = switch.list_releases(settings)
    if not settings.current.exists():
        remedy = "Run `claims publish`, or `claims rollback ID`." if names else "Run `claims run`."
        yield Finding("release", "warn", f"none is current; {len(names)} on disk.", remedy)
        return
    try:
        manifest = switch.verify(settings, None)
    except ClaimsError as error:
        yield Finding("release", "fail", str(error))
        return
    yield Finding(
        "release",
        "ok",
        f"{manifest.release_id} matches its manifest: {len(manifest.tables)} tables, "
        f"{len(manifest.files)} files; {len(names)} releases on disk",
    )
