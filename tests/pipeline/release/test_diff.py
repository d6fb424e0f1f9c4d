"""What `claims diff` names: seven planted edits are seven differences, and nothing else is."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipeline.cli import main
from pipeline.release.diff import diff
from tests.pipeline.release import faults
from warehouse.errors import UsageError
from warehouse.settings import Settings

# A table of somebody's own, in the release as in the working warehouse: the contract knows no key of it.
OWN = "create table marts.fct_own as select range as own_number from range(3)"
EDITS = """
create table marts.fct_extra as select 1 as extra_id;
alter table marts.agg_missingness add column extra_count bigint;
alter table marts.agg_top_values alter column video_count set data type integer;
delete from ml.statistical_results where result_number = 1;
update ml.model_metrics set metric_value = metric_value + 0.01
where feature_set = 'full' and evaluation = 'test' and slice = 'all' and metric = 'accuracy'
and model_name = 'random_forest';
update marts.fct_claim_predictions set decision = case decision when 'claim' then 'opinion' else 'claim' end
where video_id = (select min(video_id) from marts.fct_claim_predictions where decision <> 'needs_review');
update marts.fct_review_queue set queue_rank = case queue_rank when 1 then 12 else 1 end where queue_rank in (1, 12);
"""
# Each is one difference of another kind.
NAMED = [
    "marts.agg_missingness: columns / extra_count: added",
    "marts.agg_top_values: columns / video_count: BIGINT is now INTEGER",
    "marts.fct_claim_predictions: rows 1 changed / decision",
    "marts.fct_extra: added",
    "marts.fct_review_queue: rows 2 changed / 2 videos moved by more than 10 places",
    "ml.model_metrics: rows 1 changed / metric_value: 1 value differs, for example full, random_forest, test, all, ",
    "ml.statistical_results: rows 1 gone",
]


@pytest.fixture(scope="module")
def edited(built_warehouse: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The current release of a whole run, and a working warehouse with seven edits."""
    settings = faults.settings_of(tmp_path_factory.mktemp("diff") / "var")
    settings.home.mkdir()
    shutil.copytree(built_warehouse.releases, settings.releases)
    settings.current.symlink_to(Path("releases") / built_warehouse.current.resolve().name)
    released = settings.current / "claims.duckdb"
    released.chmod(0o600)
    with duckdb.connect(str(released)) as connection:
        connection.execute(OWN)
    shutil.copyfile(released, settings.warehouse_file)
    with duckdb.connect(str(settings.warehouse_file)) as connection:
        connection.execute(EDITS)
    return settings


def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    monkeypatch.setenv("CLAIMS_HOME", str(settings.home))
    result = CliRunner().invoke(main.app, ["diff", *arguments])
    return result.exit_code, result.output


def test_seven_edits_are_seven_differences(edited: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    code, output = run(edited, monkeypatch, "--places", "10", "--fail-on-change")
    assert code == 1
    lines = output.replace("\n  ", " / ").splitlines()[1:]
    assert len(lines) == len(NAMED), output
    for line, named in zip(lines, NAMED, strict=True):
        assert line.startswith(named), line


def test_the_same_as_json_and_backwards(edited: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    code, output = run(edited, monkeypatch, "working", "current", "--places", "10", "--json")
    assert code == 0
    found = json.loads(output)
    assert found["before"] == "working"
    tables = {table["table"]: table for table in found["tables"]}
    assert len(tables) == 7
    assert tables["marts.fct_extra"]["status"] == "gone"
    assert tables["ml.statistical_results"]["rows_added"] == 1
    assert tables["marts.agg_missingness"]["columns_gone"] == ["extra_count"]
    (change,) = tables["ml.model_metrics"]["columns"]
    (example,) = change["examples"]
    assert example["before"] == pytest.approx(example["after"] + 0.01)
    assert sum(tables["marts.fct_claim_predictions"]["decisions_flipped"].values()) == 1


def test_a_release_does_not_differ_from_itself(edited: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    release_id = edited.current.resolve().name
    assert diff(edited, release_id, "current").tables == []
    code, output = run(edited, monkeypatch, "current", release_id, "--fail-on-change")
    assert (code, output.splitlines()[-1]) == (0, "No difference.")


def test_places_within_reach_are_no_difference(edited: Settings) -> None:
    names = {table.table for table in diff(edited, "current", "working", places=11).tables}
    assert "marts.fct_review_queue" not in names
    assert len(names) == 6


def test_what_is_not_there_is_named(edited: Settings) -> None:
    with pytest.raises(UsageError, match="There is no release 1970"):
        diff(edited, "1970", "working")


def test_a_table_without_a_key_is_compared_by_rows(edited: Settings) -> None:
    with duckdb.connect(str(edited.warehouse_file)) as connection:
        connection.execute("update marts.fct_own set own_number = own_number + 10 where own_number < 2")
    try:
        (table,) = (table for table in diff(edited, "current", "working").tables if table.table == "marts.fct_own")
        assert (table.rows_added, table.rows_gone, table.rows_changed) == (2, 2, 0)
    finally:
        with duckdb.connect(str(edited.warehouse_file)) as connection:
            connection.execute("update marts.fct_own set own_number = own_number - 10 where own_number >= 10")
