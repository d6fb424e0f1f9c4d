"""Fixtures for all rooms: one warehouse built per test run, and the real file where there is one."""

import atexit
import os
from pathlib import Path

import pytest
from filelock import FileLock

from pipeline.job.runner import main_job, run_steps
from reports import queries, site
from reports.content import Page
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.settings import ROOT, Settings
from wording.rows import Data

TWIN_ROWS = 3_000
# Two splits instead of twenty show that the audit works.
REPEATED_SPLITS = 2


# DuckDB's bindings print each of their types that outlives the modules, at the very end of the interpreter; Hypothesis'
# timer of the garbage collector and SQLAlchemy's tests hold some (2026-11). What a test has to say is out by then.
atexit.register(lambda: os.dup2(os.open(os.devnull, os.O_WRONLY), 2))


@pytest.fixture(autouse=True)
def no_inherited_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on how the person who runs it has set things up."""
    for name in [*os.environ]:
        if name.startswith(("CLAIMS_", "DBT_")) or name == "TIKTOK_CSV":
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def real_csv() -> Path:
    """The published dataset; tests that need it skip elsewhere."""
    path = Path(REAL_CSV or ROOT.parent / "shared" / "data" / "tiktok_dataset.csv")
    if not path.exists():
        pytest.skip("the published dataset is not at hand; name it in TIKTOK_CSV")
    return path


@pytest.fixture(scope="session")
def built_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a warehouse of the synthetic twin after a whole run; read only: copy it to change it."""
    return _built_once(tmp_path_factory, "twin", [])


@pytest.fixture(scope="session")
def real_warehouse(real_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a warehouse of the published dataset after a whole run; read only: copy it to change it."""
    return _built_once(tmp_path_factory, "real", [real_csv])


@pytest.fixture(scope="session")
def twin_data(built_warehouse: Settings) -> Data:
    with DuckDBEngine.open_release(built_warehouse) as engine:
        return queries.load(engine)


@pytest.fixture(scope="session")
def twin_pages(twin_data: Data) -> list[Page]:
    return site.build_pages(twin_data, None, site.MINUTES_PER_REVIEW)


@pytest.fixture(scope="session")
def twin_site(twin_pages: list[Page], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    site.write_pages(twin_pages, folder)
    return folder


# Read before the fixture above hides it.
REAL_CSV = os.environ.get("TIKTOK_CSV")


def _built_once(factory: pytest.TempPathFactory, name: str, files: list[Path]) -> Settings:
    """Run the main job once, also where several workers share the tests."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    settings = Settings(
        home=shared / name / "var", synthetic_rows=TWIN_ROWS, lock_wait_sec=5, repeated_splits=REPEATED_SPLITS
    )
    with FileLock(shared / f"{name}.lock"):
        if not settings.current.exists():
            run_steps(settings, main_job(files), lambda _: lambda _: None, lambda _: None)
    return settings
