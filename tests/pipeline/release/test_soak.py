"""Readers are never blocked and never see half a build, while releases come, go and come back."""

from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.release import switch
from pipeline.release.manifest import read_manifest, write_manifest
from tests.pipeline.release import faults
from warehouse.duckdb_engine import connect_release
from warehouse.settings import Settings

READS_PER_CONNECTION = 5
TOTALS = """
    select
        (select count(*) from marts.fct_videos),
        (select coalesce(sum(hash(result)), 0) from ml.statistical_results as result),
        (select count(distinct estimate) from ml.statistical_results)
"""


class Reads(NamedTuple):
    """What one reader saw."""

    count: int
    releases: set[str]
    errors: list[str]


def _read(home: Path, stop: Path, sending: Connection) -> None:
    settings = faults.settings_of(home)
    count, seen, errors = 0, set(), []
    while not stop.exists():
        try:
            for release_id, is_consistent in _read_current(settings):
                count += 1
                seen.add(release_id)
                if not is_consistent:
                    errors.append(f"{release_id} differs from its manifest")
        except Exception as error:  # noqa: BLE001 - every failed read counts
            errors.append(f"{type(error).__name__}: {error}")
    sending.send(Reads(count, seen, errors))


def _read_current(settings: Settings) -> Iterator[tuple[str, bool]]:
    """Open what is current, and read on from it whatever is published meanwhile."""
    release = settings.current.resolve()
    manifest = read_manifest(release)
    tables = manifest.tables
    with connect_release(release, settings) as connection:
        for _ in range(READS_PER_CONNECTION):
            ((video_count, checksum, version_count),) = connection.execute(TOTALS).fetchall()
            yield (
                release.name,
                video_count == tables["fct_videos"]["row_count"]
                and f"{int(checksum):x}" == tables["statistical_results"]["checksum"]
                and version_count == 1
                and manifest.release_id == release.name,
            )


def soak(settings: Settings, reader_count: int, publish_count: int, rollback_count: int) -> list[Reads]:
    """Publish and roll back while readers read."""
    stop = settings.home / "stop-reading"
    readers = []
    for _ in range(reader_count):
        receiving, sending = faults.CONTEXT.Pipe(duplex=False)
        reader = faults.CONTEXT.Process(target=_read, args=(settings.home, stop, sending))
        reader.start()
        sending.close()
        readers.append((reader, receiving))
    try:
        for number in range(publish_count):
            faults.change_results(settings, 100 + number)
            faults.run(settings, [faults.PUBLISH])
            if number % (publish_count // rollback_count) == publish_count // rollback_count - 1:
                switch.rollback(settings, None)
    finally:
        stop.touch()
    results: list[Reads] = []
    for reader, receiving in readers:
        results.append(receiving.recv())
        reader.join()
    return results


@pytest.mark.parametrize(
    ("reader_count", "publish_count", "rollback_count"),
    [(3, 3, 1), pytest.param(8, 20, 5, marks=pytest.mark.slow)],
)
def test_no_read_fails_and_none_is_inconsistent(
    built_warehouse: Settings, tmp_path: Path, reader_count: int, publish_count: int, rollback_count: int
) -> None:
    settings = faults.prepare(built_warehouse, tmp_path / "var").model_copy(update={"releases_kept": 5})
    results = soak(settings, reader_count, publish_count, rollback_count)
    reads = sum(result.count for result in results)
    seen = set().union(*(result.releases for result in results))
    print(f"{reads} reads of {len(seen)} releases by {reader_count} readers")  # noqa: T201 - shown with -rP
    assert [error for result in results for error in result.errors] == []
    assert all(result.count >= READS_PER_CONNECTION for result in results)
    assert len(seen) >= 2
    switch.verify(settings, None)


def test_a_reader_counts_what_is_wrong(built_warehouse: Settings, tmp_path: Path) -> None:
    settings = faults.prepare(built_warehouse, tmp_path / "var")
    release = settings.current.resolve()
    (release / "manifest.json").chmod(0o644)
    manifest = read_manifest(release)
    other = {name: {**table, "checksum": "f"} for name, table in manifest.tables.items()}
    write_manifest(release, manifest.model_copy(update={"tables": other}))
    assert not any(is_consistent for _, is_consistent in _read_current(settings))
