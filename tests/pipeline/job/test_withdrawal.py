"""A delivery that is taken back: built, withdrawn, built again and published, with the steps of the commands."""

import shutil
from pathlib import Path

import pytest

from pipeline.job import steps
from pipeline.job.dbt_runner import run_dbt
from pipeline.job.step import Step
from pipeline.landing.folder import landed_deliveries
from pipeline.landing.ingest import ingest
from pipeline.landing.synthetic import write_synthetic
from pipeline.release import switch
from pipeline.release.manifest import read_manifest
from pipeline.state import home
from tests.pipeline.release import faults
from warehouse import contract
from warehouse.duckdb_engine import connect_file
from warehouse.errors import DataError
from warehouse.settings import Settings


@pytest.fixture
def settings(built_warehouse: Settings, tmp_path: Path) -> Settings:
    """The warehouse of a whole run, into which a second delivery has landed and been built."""
    settings = built_warehouse.model_copy(update={"home": tmp_path / "var"})
    home.prepare(settings)
    for name in ("landing", "models"):
        shutil.copytree(built_warehouse.home / name, settings.home / name)
    shutil.copy(built_warehouse.warehouse_file, settings.warehouse_file)
    write_synthetic(tmp_path / "second.csv", 40, seed=2)
    ingest(settings, [tmp_path / "second.csv"], is_synthetic=False)
    run_dbt(settings, "run", [])
    return settings


def counts(settings: Settings) -> dict[str, int]:
    """Rows of the tables that hold each current video once."""
    with connect_file(settings.warehouse_file, settings, read_only=True) as connection:
        return {
            name: connection.execute(f"select count(*) from {contract.relation(name)}").fetchall()[0][0]
            for name in ("fct_videos", "fct_claim_predictions")
        }


def test_withdraw_build_publish(settings: Settings, built_warehouse: Settings) -> None:
    before = landed_deliveries(settings)
    assert counts(settings)["fct_videos"] == 3_040
    audits = [Step("audit", steps.audit_incoming), Step("audit results", steps.audit_outgoing)]
    faults.run(settings, [Step("withdraw", lambda settings, _: steps.withdraw(settings, before[-1].number))])
    with pytest.raises(DataError, match=r"second\.csv, which is not among the landed deliveries any more"):
        faults.run(settings, [*audits, faults.PUBLISH])
    assert switch.list_releases(settings) == []
    faults.run(settings, [Step("build", steps.build_all), *audits, faults.PUBLISH])
    assert counts(settings) == dict.fromkeys(("fct_videos", "fct_claim_predictions"), 3_000)
    manifest = switch.verify(settings, None)
    assert manifest.tables["fct_videos"] == read_manifest(built_warehouse.current.resolve()).tables["fct_videos"]
    named = [row["file_name"] for rows in manifest.deliveries.values() for row in rows]
    assert sorted(named) == sorted(delivery.file_name for delivery in before[:-1])
