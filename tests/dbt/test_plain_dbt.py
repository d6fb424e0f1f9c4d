"""dbt works alone: after ingest, before and after any script has run, and says so when nothing has landed."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline.landing.ingest import ingest
from pipeline.landing.synthetic import write_synthetic
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.settings import ROOT, Settings


def dbt(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {
        **os.environ,
        "CLAIMS_HOME": str(home),
        "DBT_TARGET_PATH": str(home / "dbt" / "target"),
        "DBT_LOG_PATH": str(home / "dbt" / "logs"),
        **environment,
    }
    return subprocess.run(
        [ROOT / ".venv" / "bin" / "dbt", "--no-use-colors", *arguments],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path / "var")
    settings.home.mkdir()
    return settings


def test_nothing_landed_is_one_helpful_sentence(settings) -> None:
    outcome = dbt(settings.home, "build", "--project-dir", "dbt_project")
    assert outcome.returncode != 0
    assert "run `claims ingest` with a file of videos first" in outcome.stdout


def test_build_before_any_script_has_run(settings, tmp_path) -> None:
    delivery = tmp_path / "delivery.csv"
    write_synthetic(delivery, 300, 5)
    ingest(settings, [delivery], is_synthetic=False)
    # Flagless, as an analytics engineer would have it in an IDE.
    outcome = dbt(settings.home, "build", DBT_PROJECT_DIR="dbt_project")
    assert outcome.returncode == 0, outcome.stdout
    assert "WARN=0 ERROR=0 SKIP=0" in outcome.stdout
    with DuckDBEngine.open(settings, read_only=True) as engine:
        counts = engine.query(
            "select (select count(*) from marts.fct_claim_predictions) as predicted, "
            "(select count(*) from marts.fct_review_queue) as queued, "
            "(select count(*) from marts.fct_videos where not is_labelled) as unlabelled, "
            "(select count(*) from marts.fct_claim_predictions where feature_set = 'unscored') as unscored"
        ).to_pylist()
    (found,) = counts
    assert (found["predicted"], found["unscored"]) == (300, 300)
    assert found["queued"] == found["unlabelled"] > 0


def test_build_after_the_scripts(built_warehouse, tmp_path) -> None:
    home = tmp_path / "var"
    shutil.copytree(built_warehouse.home, home, symlinks=True)
    outcome = dbt(home, "build", "--project-dir", "dbt_project")
    assert outcome.returncode == 0, outcome.stdout
    with DuckDBEngine.open(Settings(home=home), read_only=True) as engine:
        unscored = engine.query("select count(*) as n from marts.fct_claim_predictions where feature_set = 'unscored'")
    assert unscored.to_pylist() == [{"n": 0}]


def test_static_docs(built_warehouse, tmp_path) -> None:
    home = tmp_path / "var"
    shutil.copytree(built_warehouse.home, home, symlinks=True)
    outcome = dbt(home, "docs", "generate", "--static", "--project-dir", "dbt_project")
    assert outcome.returncode == 0, outcome.stdout
    target = home / "dbt" / "target"
    assert "fct_review_queue" in (target / "static_index.html").read_text()
    manifest, catalog = (json.loads((target / f"{name}.json").read_text()) for name in ("manifest", "catalog"))
    assert not manifest["sources"].keys() - catalog["sources"].keys(), "every source stands in the catalog"
    undescribed = [
        f"{name}.{column}"
        for kind in ("nodes", "sources")
        for name, entry in catalog[kind].items()
        for column in entry["columns"]
        if not manifest[kind][name]["columns"].get(column, {}).get("description")
    ]
    assert undescribed == []


def test_source_freshness_is_a_warning_at_most(built_warehouse, tmp_path) -> None:
    home = tmp_path / "var"
    shutil.copytree(built_warehouse.home, home, symlinks=True)
    outcome = dbt(home, "source", "freshness", "--project-dir", "dbt_project")
    assert outcome.returncode == 0, outcome.stdout
    assert "PASS freshness of operations.run_ledger_lines" in outcome.stdout
    assert "WARN freshness of landing.landed_reports" in outcome.stdout, "the twin's newest report is of 2026-10"
