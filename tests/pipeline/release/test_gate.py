"""A release is whole from birth: what the gate refuses, on the tables and models of a real run."""

import json
import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import duckdb
import pytest

from ml.classifier import archive, registry
from ml.classifier.pipelines import unwrap
from pipeline.job import resume
from pipeline.landing.ingest import ingest
from pipeline.landing.synthetic import write_synthetic
from pipeline.release import gate
from pipeline.release.build import copy_folder, stage_release
from pipeline.state import durable, home
from tests.pipeline.release import faults
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.errors import DataError
from warehouse.factory import open_engine
from warehouse.settings import Settings


@pytest.fixture
def own(built_warehouse: Settings, tmp_path: Path) -> Settings:
    """A copy to damage: landing, models and the working warehouse of a whole run."""
    settings = faults.settings_of(tmp_path / "var")
    home.prepare(settings)
    for name in ("landing", "models"):
        shutil.copytree(built_warehouse.home / name, settings.home / name)
    shutil.copy(built_warehouse.warehouse_file, settings.warehouse_file)
    return settings


@pytest.fixture(scope="module")
def tables(built_warehouse: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of a release's tables that may be changed; each test rolls its changes back."""
    file = tmp_path_factory.mktemp("gate") / "claims.duckdb"
    shutil.copyfile(built_warehouse.current / "claims.duckdb", file)
    with duckdb.connect(str(file)) as connection:
        yield connection


def stage(settings: Settings) -> Path:
    return stage_release(settings, [copy_folder(settings.models, "models")])


def test_dbt_build_and_publish_stay_a_good_way(own: Settings) -> None:
    assert (stage(own) / "manifest.json").exists()
    durable.remove(own.work)


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        # What `dbt run --empty --select fct_videos fct_review_queue agg_videos_by_claim_status` leaves.
        (
            ["delete from marts.fct_videos", "delete from marts.fct_review_queue"],
            "fct_videos holds the current rows of the delivered videos, but 0 is not 3,000",
        ),
        (
            ["delete from marts.fct_review_queue"],
            "the queue holds the open cases that are to be reviewed, but 0 is not",
        ),
        (
            ["insert into marts.fct_review_queue select * replace('x' as case_id) from marts.fct_review_queue limit 1"],
            "nothing else stands in the queue",
        ),
        (["delete from marts.agg_videos_by_claim_status"], "counts every video once, but 0 is not 3,000"),
        (["update marts.agg_missingness set labelled_count = labelled_count + 1"], "agg_missingness counts every"),
        (["delete from marts.agg_metric_shape"], "marts.agg_metric_shape is empty though fct_videos is not"),
        (
            ["delete from marts.fct_claim_predictions where video_id = (select min(video_id) from marts.fct_videos)"],
            "every video has a prediction, but 1 is not 0",
        ),
        (
            ["update marts.fct_claim_predictions set claim_probability = 0.5 where claim_probability > 0.5"],
            "the predictions are those that the models wrote",
        ),
        (
            [
                "delete from ml.claim_predictions",
                "update marts.fct_claim_predictions set model_run_id = null, feature_set = 'unscored'",
                "update marts.fct_review_queue set model_run_id = null, feature_set = 'unscored'",
            ],
            "videos are scored where a model stands, but 3,000 is not 0",
        ),
        (["update ml.claim_predictions set model_run_id = 'another'"], "the predictions are those that"),
        (
            ["update marts.fct_review_queue set claim_probability = 0.123 where queue_rank = 1"],
            "the queue shows the predictions, but 1 is not 0",
        ),
        (
            ["insert into marts.fct_videos select * from marts.fct_videos limit 1"],
            'marts.fct_videos has 1 keys ("video_id") more than once',
        ),
        (["update quality.reconciliation set rejected_count = rejected_count + 2"], "rejected_rows holds the rejected"),
        (["update quality.reconciliation set is_reconciled = null"], "are neither landed nor rejected"),
        (["delete from quality.audit_results where boundary = 'outgoing'"], "have not checked both boundaries"),
    ],
)
def test_tables_that_are_not_whole(
    statements: list[str], says: str, tables: duckdb.DuckDBPyConnection, built_warehouse: Settings
) -> None:
    gate.check_tables(tables, built_warehouse)
    tables.execute("begin")
    try:
        for statement in statements:
            tables.execute(statement)
        with pytest.raises(DataError) as found:
            gate.check_tables(tables, built_warehouse)
    finally:
        tables.execute("rollback")
    assert says in str(found.value)


def test_no_table_of_dbt_may_be_emptied(tables: duckdb.DuckDBPyConnection, built_warehouse: Settings) -> None:
    """Whatever `dbt run --empty` selects is noticed, but for what a good delivery leaves empty too."""
    unnoticed = []
    is_table = {name for (name,) in tables.execute("select table_name from duckdb_tables()").fetchall()}
    for name, table in contract.public_tables().items():
        if table.is_source or name not in is_table:
            continue
        tables.execute("begin")
        was_empty = not tables.execute(f"select 1 from {contract.relation(name)} limit 1").fetchall()
        tables.execute(f"delete from {contract.relation(name)}")
        try:
            gate.check_tables(tables, built_warehouse)
        except DataError:
            pass
        else:
            unnoticed += [] if was_empty else [name]
        finally:
            tables.execute("rollback")
    assert unnoticed == ["run_ledger"]


def test_a_delivery_that_the_tables_do_not_hold(own: Settings, tmp_path: Path) -> None:
    second = tmp_path / "second.csv"
    write_synthetic(second, 50, seed=2)
    ingest(own, [second], is_synthetic=False)
    with pytest.raises(DataError, match=r"second.csv has landed, but the tables were built without it. Run"):
        stage(own)


def test_tables_of_a_delivery_that_is_gone(own: Settings) -> None:
    durable.remove(own.landing)
    own.landing.mkdir()
    with pytest.raises(DataError, match="which is not among the landed deliveries any more"):
        stage(own)


def flipped(folder: Path, name: str) -> None:
    """Turn the leaves of a model round and make its manifest agree, held-out scores too."""
    model = registry.load(folder, name)
    forest, _ = unwrap(model.estimator)
    for tree in forest.named_steps["model"].estimators_:
        tree.tree_.value[:] = tree.tree_.value[:, :, ::-1]
    content = registry.read_model((folder / f"{name}.skops").read_bytes(), folder / f"{name}.skops")
    data = archive.dump({**content, "estimator": model.estimator})
    (folder / f"{name}.skops").write_bytes(data)
    said = json.loads((folder / f"{name}.json").read_text())
    said |= {"model_sha256": registry._sha256(data), "held_out_scores": []}
    (folder / f"{name}.json").write_text(json.dumps(said))


@pytest.mark.parametrize(
    ("verdict", "reason", "is_refused"),
    [("unlike", "drift", False), ("unlike", "unsure", True), ("drifting", "drift", True), (None, "drift", True)],
)
def test_a_delivery_unlike_the_others_goes_to_people_and_into_a_release(
    own: Settings, verdict: str | None, reason: str, is_refused: bool
) -> None:
    with open_engine(own) as engine:
        execute = engine.connection.execute  # type: ignore[attr-defined]  # only the one of DuckDB
        # One delivery stands here; none of its videos has a label, and what models decided of it is left to people.
        execute("update marts.fct_videos set is_claim = null")
        execute(
            f"update marts.fct_claim_predictions set decision = 'needs_review', decision_reason = '{reason}' "
            "where feature_set <> 'metadata'"
        )
        if verdict is not None:
            execute(
                "insert into quality.delivery_drift (delivery_number, feature, distance, verdict) "
                f"select min(delivery_number), 'like_rate', 0.9, '{verdict}' from marts.fct_videos"
            )
        with pytest.raises(DataError, match="decides otherwise") if is_refused else nullcontext():
            gate.check_models(engine, own.models)  # type: ignore[arg-type]


def another_run(folder: Path) -> None:
    path = folder / "transcript.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "model_run_id": "another"}))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda folder: (folder / "full.skops").unlink(), "There is no trained model for feature set full"),
        (lambda folder: (folder / "transcript.skops").write_bytes(b""), "transcript.skops was changed after it was"),
        (
            lambda folder: flipped(folder, "full"),
            "feature set full (decides|scores) otherwise than the predictions say",
        ),
        (another_run, "feature set transcript is not the one that wrote the predictions"),
    ],
)
def test_models_that_did_not_write_the_predictions(change, says: str, own: Settings, built_warehouse: Settings) -> None:
    with DuckDBEngine.open_release(built_warehouse) as engine:
        gate.check_models(engine, own.models)
        assert resume.have_models(own)
        change(own.models)
        with pytest.raises(DataError, match=says):
            gate.check_models(engine, own.models)


def test_resume_trusts_no_release_that_was_changed(own: Settings) -> None:
    assert not resume.have_release(own)
    faults.run(own, [faults.PUBLISH])
    assert resume.have_release(own)
    page = own.current / "report" / "index.html"
    page.chmod(0o644)
    assert not resume.have_release(own)
