"""The rows of every named query over the built twin, and its pages, once per run."""

from pathlib import Path

import pytest

from reports import queries, site
from reports.content import Data, Page
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.settings import Settings


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
