"""`claims queue`, `explain` and `models` on a release."""

import json

import duckdb
import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.errors import DataError, UsageError
from warehouse.settings import Settings
from wording.review_queue import why

RUNNER = CliRunner()


@pytest.fixture
def run(built_warehouse, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CLAIMS_HOME", str(built_warehouse.home))

    def call(*arguments: object) -> str:
        outcome = RUNNER.invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
        assert outcome.exit_code == 0, outcome.output
        return outcome.output

    return call


def test_the_queue_shows_the_first_cases_in_order(run) -> None:
    listed = json.loads(run("queue", "--limit", 5, "--json"))
    assert [case["queue_rank"] for case in listed] == [1, 2, 3, 4, 5]
    assert [case["priority"] for case in listed] == sorted((case["priority"] for case in listed), reverse=True)
    lines = run("queue", "--limit", 5).splitlines()
    assert len(lines) == 5
    assert str(listed[0]["video_id"]) in lines[0]
    assert why(listed[0]) in lines[0]


def test_filters_still_fill_the_limit(run) -> None:
    everything = json.loads(run("queue", "--limit", 10_000, "--json"))
    for options, is_wanted in (
        (("--author-status", "banned"), lambda case: case["author_ban_status"] == "banned"),
        (("--reason", "oldest"), lambda case: case["reason"] == "oldest"),
        (("--waiting-hours", 24), lambda case: (case["waiting_hours"] or 0) >= 24),
    ):
        wanted = [case for case in everything if is_wanted(case)]
        assert len(wanted) >= 3
        assert json.loads(run("queue", "--limit", 3, *options, "--json")) == wanted[:3]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--author-status", "bannd"), "it is one of: active, under review, banned"),
        (("--reason", "luck"), "it is one of: .*oldest"),
    ],
)
def test_a_filter_that_does_not_exist_is_a_usage_error(run, options: tuple[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        run("queue", *options)


def test_the_queue_as_csv(run, tmp_path) -> None:
    file = tmp_path / "queue.csv"
    assert "7 cases written" in run("queue", "--limit", 7, "--csv", file)
    assert len(file.read_text().splitlines()) == 8
    with pytest.raises(UsageError, match="cannot be written"):
        run("queue", "--csv", tmp_path / "missing" / "queue.csv")


def test_explain_replays_a_score(run, built_warehouse) -> None:
    with DuckDBEngine.open_release(built_warehouse) as engine:
        videos = engine.query(
            "select feature_set, min(video_id) as video_id, max(model_run_id) as run from marts.fct_claim_predictions "
            "group by feature_set"
        ).to_pylist()
    assert {video["feature_set"] for video in videos} == {"full", "transcript", "metadata"}
    for video in videos:
        found = json.loads(run("explain", video["video_id"], "--json"))
        total = found["base_rate"] + sum(found["contributions"].values())
        assert total == pytest.approx(found["raw_probability"], abs=1e-9)
        if not found["prediction"]["is_out_of_fold"]:
            assert found["model_probability"] == found["prediction"]["claim_probability"]
        told = run("explain", video["video_id"])
        assert video["run"] in told
        if "queue_rank" in found["queue"]:
            assert f"place {found['queue']['queue_rank']:,} of" in told
        else:
            assert "it is not in the queue" in told
        assert found["one_line_rule"]["rule"] in told


def test_a_release_of_older_code_is_refused_in_one_sentence(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path)
    settings.current.mkdir(parents=True)
    with duckdb.connect(settings.current / "claims.duckdb") as connection:
        for name, old in (("fct_videos", ""), ("fct_review_queue", "feature_set"), ("fct_claim_predictions", "")):
            columns = ", ".join(
                f"null as {'stage' if column.name == old else column.name}" for column in contract.columns(name)
            )
            connection.execute(f"create schema if not exists marts; create table marts.{name} as select {columns}")
    monkeypatch.setenv("CLAIMS_HOME", str(tmp_path))
    for command in (["explain", "1"], ["queue"]):
        with pytest.raises(
            DataError, match=r"older code: its fct_review_queue has no column feature_set\. Run `claims"
        ):
            RUNNER.invoke(app, command, catch_exceptions=False)


def test_an_unknown_video_is_a_usage_error(run) -> None:
    with pytest.raises(UsageError, match="There is no video 1 in the current release"):
        run("explain", 1)


def test_models_lists_every_feature_set_with_its_champion(run) -> None:
    runs = json.loads(run("models", "--json"))
    assert len(runs) == 28
    told = run("models")
    assert told.count("champion") >= 4
    assert told.count("writes predictions") == 4
