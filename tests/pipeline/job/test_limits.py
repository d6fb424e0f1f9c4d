"""A disk that is really full and memory that really ends: the step says so, and nothing is lost."""

import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.release import switch
from tests.pipeline.release import faults
from warehouse.settings import ROOT, Settings


@pytest.fixture(scope="module")
def prepared(built_warehouse: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return faults.prepare(built_warehouse, tmp_path_factory.mktemp("limits") / "var", is_scored=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, which only the superuser can make."""
    if shutil.which("mount") is None:
        pytest.skip("there is no mount command")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this account may not mount a small file system")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("free_kilobytes", [4, 200, 800, 2_000])
@pytest.mark.parametrize("scenario", ["publish", "ingest", "write results"])
def test_a_full_disk(scenario: str, free_kilobytes: int, prepared: Settings, small_disk: Path) -> None:
    settings = faults.settings_of(small_disk / "var")
    shutil.copytree(prepared.home, settings.home, symlinks=True)
    undisturbed = faults.settings_of(prepared.home.with_name(f"{scenario}-{free_kilobytes}"))
    shutil.copytree(prepared.home, undisturbed.home, symlinks=True)
    faults.SCENARIOS[scenario](undisturbed)
    before, reference = faults.observe(settings), faults.observe(undisturbed)
    filler = small_disk / "filler"
    with filler.open("wb") as file:
        file.write(b"x" * (shutil.disk_usage(small_disk).free - free_kilobytes * 1024))
    outcome = faults.attempt(settings, scenario, "exception", 0)
    assert outcome.has_failed or free_kilobytes >= 200
    if outcome.has_failed:
        assert "No space left" in outcome.error or "space" in outcome.error.lower(), outcome.error
    assert switch.verify(settings, None).tables in (before.current, reference.current)
    filler.unlink()
    faults.check_invariants(settings, scenario, before, reference)


@pytest.mark.slow
@pytest.mark.parametrize("limit_megabytes", [400, 700, 1_000, 4_000])
def test_little_address_space(limit_megabytes: int, prepared: Settings, tmp_path: Path) -> None:
    """As `ulimit -v`: a run ends with a sentence or completes; what is published stays."""
    settings = faults.settings_of(tmp_path / "var")
    shutil.copytree(prepared.home, settings.home, symlinks=True)
    before = switch.verify(settings, None).tables
    run = subprocess.run(
        [sys.executable, "-c", "from pipeline.cli.main import main; main()", "publish"],
        cwd=ROOT,
        env={"CLAIMS_HOME": str(settings.home), "PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit_megabytes * 2**20,) * 2),
        capture_output=True,
        text=True,
        check=False,
    )
    print(limit_megabytes, run.returncode, run.stderr[-300:])  # noqa: T201 - shown with -rP
    assert (run.returncode == 0) == (limit_megabytes == 4_000)
    if run.returncode != 0:
        assert switch.verify(settings, None).tables == before
    faults.run(settings, [])
    switch.verify(settings, None)


@pytest.mark.slow
@pytest.mark.parametrize("memory_limit", ["10MB", "40MB", "200MB"])
def test_little_memory_for_the_engine(memory_limit: str, prepared: Settings, tmp_path: Path) -> None:
    """Spills or fails cleanly, and then goes through with more."""
    settings = faults.settings_of(tmp_path / "var")
    shutil.copytree(prepared.home, settings.home, symlinks=True)
    before = faults.observe(settings)
    poor = settings.model_copy(update={"memory_limit": memory_limit})
    try:
        faults.SCENARIOS["publish"](poor)
    except Exception as error:  # noqa: BLE001 - whatever it says has to speak of memory
        assert "memory" in str(error).lower(), error  # noqa: PT017 - no failure is fine too
        assert faults.observe(settings).current == before.current
    faults.SCENARIOS["publish"](settings)
    assert faults.observe(settings).current == before.warehouse
