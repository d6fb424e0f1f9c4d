"""Markup in a transcript, on its way from a delivery to a published page, stays text."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline.job import runner, steps
from tests.pipeline.release import faults
from warehouse.duckdb_engine import connect_file
from warehouse.settings import Settings

SCRIPT = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">&amp;"


@pytest.fixture(scope="module")
def report(built_warehouse: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a release whose every text column of every mart begins with a script."""
    settings = faults.prepare(built_warehouse, tmp_path_factory.mktemp("hostile") / "var", is_scored=True)
    with connect_file(settings.warehouse_file, settings) as connection:
        columns = connection.execute(
            "select table_schema, table_name, column_name from information_schema.columns "
            "where column_name in ('transcription', 'transcription_text', 'sentence')"
            "and table_schema in ('marts', 'ml') and table_name not in (select view_name from duckdb_views())"
        ).fetchall()
        assert columns
        for schema, table, column in columns:
            connection.execute(f'update {schema}."{table}" set "{column}" = $1 || coalesce("{column}", \'\')', [SCRIPT])
    faults.run(settings, [runner.Step("publish", steps.publish)])
    return settings.current.resolve() / "report"


def test_pages_hold_it_as_text_only(report: Path) -> None:
    pages = {path.name: path.read_text() for path in report.rglob("*.html")}
    assert pages
    for name, page in pages.items():
        assert SCRIPT not in page, name
        assert "<script>document.title" not in page, name
        assert "<img src=x" not in page, name
    assert any("&lt;script&gt;document.title" in page for page in pages.values())


def shown(page: Path) -> str:
    """The document after a real browser has run what it would run."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is not installed")
    return subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000", "--dump-dom",
         page.as_uri()],
        capture_output=True, text=True, check=True, env={"HOME": str(page.parent), "PATH": os.environ["PATH"]},
    ).stdout  # fmt: skip


@pytest.mark.browser
def test_a_browser_runs_none_of_it(report: Path) -> None:
    for page in report.rglob("*.html"):
        assert "<title>run</title>" not in shown(page), page.name


@pytest.mark.browser
def test_the_browser_would_run_it(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<title>still</title>{SCRIPT}")
    assert "<title>run</title>" in shown(page)
