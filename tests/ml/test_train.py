"""What training leaves in the warehouse, read from one whole run."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from ml import train
from ml.classifier import forest, gate
from ml.classifier.comparison import FOREST, RULE
from ml.classifier.feature_sets import feature_set
from ml.classifier.forest import split_parts
from ml.classifier.pipelines import CANDIDATES
from ml.classifier.thresholds import Costs
from warehouse import contract
from warehouse.errors import DataError
from warehouse.factory import open_engine
from wording import claim_results

FEATURE_SETS = ["engagement", "full", "metadata", "transcript"]


@pytest.fixture(scope="module")
def tables(built_warehouse) -> dict[str, pd.DataFrame]:
    with open_engine(built_warehouse, read_only=True) as engine:
        names = [
            *train.TABLES,
            "robustness_checks",
            "claim_predictions",
            "written_decisions",
            "video_features",
            "fct_videos",
        ]
        return {name: engine.query(f"select * from {contract.relation(name)}").to_pandas() for name in names}


def test_every_candidate_of_every_feature_set_is_measured_on_the_same_videos(tables) -> None:
    metrics = tables["model_metrics"]
    chosen = metrics[
        (metrics["evaluation"] == "test") & (metrics["slice"] == "all") & (metrics["metric"] == "accuracy")
    ]
    assert sorted(zip(chosen["feature_set"], chosen["model_name"], strict=True)) == sorted(
        (s, r) for s in FEATURE_SETS for r in CANDIDATES
    )
    assert (chosen.groupby("feature_set")["observation_count"].nunique() == 1).all()
    bounded = chosen[chosen["lower_bound"].notna()]
    assert (bounded["lower_bound"] <= bounded["metric_value"]).all()
    assert (bounded["metric_value"] <= bounded["upper_bound"]).all()
    slices = metrics[metrics["slice"].str.startswith("verified_status") & (metrics["metric"] == "accuracy")]
    assert (
        slices.groupby(["feature_set", "model_name"])["observation_count"]
        .sum()
        .equals(
            chosen.set_index(["feature_set", "model_name"])["observation_count"]
            .sort_index()
            .rename("observation_count")
        )
    )


def test_one_champion_per_feature_set_and_the_forest_writes_back(tables) -> None:
    runs = tables["model_runs"]
    assert runs["model_run_id"].is_unique
    assert runs[runs["is_champion"]]["feature_set"].sort_values().tolist() == FEATURE_SETS
    assert set(runs[runs["is_written_back"]]["model_name"]) == {FOREST}
    rules = runs[runs["model_name"] == RULE].set_index("feature_set")
    assert json.loads(rules.loc["engagement", "parameters"])["feature"] == "video_view_count"
    assert "Found on the training videos: claim where views at least" in rules.loc["engagement", "summary"]


def test_every_candidate_is_compared_with_the_rule_and_the_next_simpler(tables) -> None:
    kinds = tables["model_comparisons"].groupby("comparison").size()
    assert kinds["against_rule"] == kinds["against_next_simpler"] == 4 * (len(CANDIDATES) - 1)


def test_every_video_is_scored_once_by_the_most_complete_feature_set(tables) -> None:
    predictions = tables["claim_predictions"].set_index("video_id")
    videos = tables["fct_videos"].set_index("video_id")
    assert predictions.index.is_unique
    assert set(predictions.index) == set(videos.index)
    is_counted = videos["video_view_count"].notna()
    uncounted = predictions.loc[videos.index[~is_counted]]
    assert len(uncounted) > 0
    assert set(uncounted["feature_set"]) == {"metadata"}
    assert set(uncounted["decision"]) == {"needs_review"}
    assert set(predictions.loc[videos.index[is_counted], "feature_set"]) <= {"full", "transcript"}


def test_out_of_fold_rows_are_exactly_those_that_trained_the_model(tables) -> None:
    features = tables["video_features"]
    trained = features[(features["split"] == "train") & features["is_claim"].notna()]["video_id"]
    predictions = tables["claim_predictions"]
    assert set(predictions.loc[predictions["is_out_of_fold"], "video_id"]) == set(trained)
    keys = ["feature_set", "video_id"]
    held_out = tables["held_out_predictions"].set_index(keys)["claim_probability"]
    is_labelled = tables["fct_videos"].query("is_labelled")["video_id"]
    # Each by the model that scored it: a video with few views by its words.
    labelled = predictions[predictions["video_id"].isin(is_labelled)].set_index(keys)["claim_probability"]
    assert (labelled == held_out.reindex(labelled.index)).all()


def test_the_checks_find_what_was_planted(tables) -> None:
    checks = tables["robustness_checks"]
    found = checks.set_index(["check_name", "subject", "model_name", "metric"])["metric_value"].sort_index()
    assert found["single_feature", "file position", "none", "roc_auc"] > 0.99
    assert found["single_feature", "video_transcription_text", "none", "roc_auc"] > 0.99
    assert found["single_feature", "video_id", "none", "roc_auc"] < 0.6
    assert found["shared_rows", "video_id", "none", "share_seen_in_training"] == 0
    assert found["transcript_hold_out", "random", "logistic_regression", "accuracy"] > 0.95
    assert found["transcript_hold_out", "statement", "logistic_regression", "accuracy"] > 0.95
    assert found["transcript_hold_out", "lead-in swapped", "logistic_regression", "accuracy"] < 0.05
    recall = [
        found["growth_curve", f"{share} of the final counts", "one_line_rule, engagement", "recall"]
        for share in ("100%", "50%", "20%", "10%", "5%", "2%", "1%")
    ]
    assert recall == sorted(recall, reverse=True)
    assert recall[0] > 0.95 > recall[-1]


def test_nothing_is_fitted_twice_and_the_same_data_give_the_same_ids(built_warehouse, tables, tmp_path) -> None:
    settings = _copy(built_warehouse, tmp_path)
    with open_engine(settings) as engine:
        outcome = train.run(engine, settings, lambda _: None)
        again = engine.query(f"select * from {contract.relation('model_runs')}").to_pandas()
    assert "unchanged" in outcome.sentence
    pd.testing.assert_frame_equal(again, tables["model_runs"])


def test_other_costs_are_another_training(built_warehouse, tmp_path) -> None:
    settings = _copy(built_warehouse, tmp_path)
    with open_engine(settings, read_only=True) as engine:
        labelled = train.read_labelled(engine, settings.training_rows)
        parts, refused = train._trainable(labelled.frame)
        assert refused == {}
        dearer = settings.model_copy(update={"missed_claim_cost": 9.0})
        assert train._reason(engine, settings, labelled, parts) is None
        assert train._reason(engine, dearer, labelled, parts) == "other_settings"


def test_a_few_new_labels_are_no_reason_to_fit(built_warehouse, tmp_path) -> None:
    settings = _copy(built_warehouse, tmp_path)
    with open_engine(settings, read_only=True) as engine:
        labelled = train.read_labelled(engine, settings.training_rows)
        parts, _ = train._trainable(labelled.frame)
        for share, reason in ((1.01, None), (1.02, "new_labels")):
            grown = labelled._replace(total=int(np.ceil(labelled.total * share)), data_hash="other")
            assert train._reason(engine, settings, grown, parts) == reason


def test_without_labels_models_of_the_release_stay_in_use(built_warehouse, tmp_path) -> None:
    settings = _copy(built_warehouse, tmp_path)
    settings.current.symlink_to(built_warehouse.current.resolve())
    with open_engine(settings) as engine:
        runs = engine.query(f"select model_run_id from {contract.relation('model_runs')} order by 1").to_pylist()
        nothing = train.Labelled(pd.DataFrame(), 0, "")
        train._fit_all(engine, settings, nothing, {}, "requested", lambda _: None)
        assert (
            engine.query(f"select model_run_id from {contract.relation('model_runs')} order by 1").to_pylist() == runs
        )
        settings.current.unlink()
        train._fit_all(engine, settings, nothing, {}, "requested", lambda _: None)
        assert engine.query(f"select * from {contract.relation('model_runs')}").num_rows == 0
    assert list(settings.models.iterdir()) == []


def test_what_is_written_is_counted_by_label_and_author(tables) -> None:
    written = tables["written_decisions"]
    overall = written[written["slice"] == "all"]
    assert overall.groupby("claim_status")["share"].sum().round(9).tolist() == [1.0, 1.0]
    by_account = written[written["slice"].str.startswith("verified_status")]
    assert by_account["video_count"].sum() == overall["video_count"].sum()


def test_a_large_warehouse_is_sampled_over_all_parts_of_the_split(built_warehouse) -> None:
    with open_engine(built_warehouse, read_only=True) as engine:
        labelled = train.read_labelled(engine, 500)
    assert len(labelled.frame) == 500 < labelled.total
    shares = labelled.frame["split"].value_counts(normalize=True)
    assert shares["train"] == pytest.approx(0.6, abs=0.08)
    assert shares["test"] == pytest.approx(0.2, abs=0.06)


def test_models_are_saved_without_pickles_beside_their_cards(built_warehouse) -> None:
    names = sorted(path.name for path in built_warehouse.models.iterdir())
    assert names == sorted(
        f"{feature_set}.{ending}" for feature_set in FEATURE_SETS for ending in ("json", "md", "skops")
    )
    card = (built_warehouse.models / "full.md").read_text()
    assert "lead-in phrase" in card
    assert not [path for path in built_warehouse.home.rglob("*") if path.suffix in {".pkl", ".pickle", ".joblib"}]
    released = built_warehouse.current / "models"
    assert {path.name for path in released.iterdir()} >= set(names)


def test_the_gate_stops_a_forest_that_is_clearly_worse(built_warehouse, tmp_path) -> None:
    settings = _copy(built_warehouse, tmp_path)
    with open_engine(settings) as engine:
        assert gate.check(engine) > 0
        rows = engine.query(f"select * from {contract.relation('model_comparisons')}").to_pylist()
        for row in rows:
            if row["model_name"] == FOREST and row["comparison"] == "against_rule" and row["feature_set"] == "full":
                row |= {"accuracy_difference": -0.2, "p_value": 1e-9, "verdict": "clearly worse", "sentence": "Worse."}
        engine.write(contract.from_rows(rows, "model_comparisons"), "model_comparisons")
        with pytest.raises(DataError, match="full: Worse"):
            gate.check(engine)


def test_the_gate_stops_a_forest_that_is_clearly_worse_than_the_releases_on_the_same_videos(
    built_warehouse, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(forest, "FOREST_GRID", ({"max_depth": 6},))
    settings, used = _copy(built_warehouse, tmp_path), feature_set("engagement")
    released = built_warehouse.current / "models"
    with open_engine(settings) as engine:
        parts = split_parts(train.read_labelled(engine, settings.training_rows).frame, used)
        turned = {name: _turned(getattr(parts, name)) for name in ("train", "validation")}
        misled = parts._replace(**turned)
        for rows, is_refused in ((parts, False), (misled, True)):
            fitted = forest.fit_forest(rows, used, Costs(5, 1), 2, lambda _: None)
            probability = forest.claim_probability(fitted.estimator, parts.test, used)
            (found,) = train._against_release(released, parts.test, used, probability)
            assert found["observation_count"] == len(parts.test)
            row = {
                "model_run_id": "0" * 32,
                "feature_set": used.name,
                **found,
                "sentence": claim_results.comparison(found),
            }
            engine.write(contract.from_rows([row], "model_comparisons"), "model_comparisons")
            if is_refused:
                with pytest.raises(DataError, match="clearly worse than the current release’s random forest"):
                    gate.check(engine)
            else:
                assert gate.check(engine) == 1


def _turned(part: pd.DataFrame) -> pd.DataFrame:
    return part.assign(is_claim=~part["is_claim"].astype(bool))


def _copy(settings, tmp_path):
    home = tmp_path / "var"
    home.mkdir()
    shutil.copy(settings.warehouse_file, home)
    shutil.copytree(settings.models, home / "models")
    return settings.model_copy(update={"home": home})
