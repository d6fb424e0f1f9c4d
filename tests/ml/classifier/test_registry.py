"""Models at rest: saved without pickles, loaded as they were, refused when changed."""

import hashlib
import json
import subprocess
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from ml.classifier import archive, registry
from ml.classifier.feature_sets import feature_set
from ml.classifier.forest import claim_probability, labels
from ml.classifier.novelty import Known
from ml.classifier.pipelines import LogOddsPipeline, build, unwrap
from ml.classifier.registry import SavedModel
from tests.ml.manifests import manifest_of
from warehouse.errors import DataError
from warehouse.settings import ROOT


@pytest.fixture
def folder(tmp_path, videos: pd.DataFrame, fitted):
    used = feature_set("full")
    rule = build("one_line_rule", used).fit(videos[list(used.columns)], labels(videos))
    manifest = manifest_of(
        used,
        model_run_id="run",
        review_lower_bound=0.1,
        review_upper_bound=0.3,
        held_out_scores=registry.held_out_scores(
            videos.tail(30), claim_probability(fitted("full"), videos.tail(30), used), used
        ),
    )
    registry.save(
        tmp_path,
        SavedModel(used, fitted("full"), rule, fitted("full"), Known.learn(videos, used), manifest),
        "# Card\n",
    )
    return tmp_path


def resave(folder, data: bytes) -> None:
    """Put another model into the file and its hash into the manifest, as somebody would who knows about it."""
    (folder / "full.skops").write_bytes(data)
    manifest = json.loads((folder / "full.json").read_text())
    (folder / "full.json").write_text(json.dumps({**manifest, "model_sha256": hashlib.sha256(data).hexdigest()}))


def test_a_saved_model_scores_as_before(folder, videos: pd.DataFrame, fitted) -> None:
    loaded = registry.load(folder, "full")
    columns = list(loaded.feature_set.columns)
    assert (loaded.estimator.predict_proba(videos[columns]) == fitted("full").predict_proba(videos[columns])).all()
    assert loaded.manifest.band == (0.1, 0.3)
    assert loaded.champion is loaded.estimator
    assert loaded.known == Known.learn(videos, feature_set("full"))
    assert sorted(path.name for path in folder.iterdir()) == ["full.json", "full.md", "full.skops"]


@pytest.mark.parametrize("kind", [Pipeline, LogOddsPipeline])
def test_a_calibrated_model_scores_as_before(folder, videos: pd.DataFrame, fitted, kind: type) -> None:
    loaded = registry.load(folder, "full")
    features = videos[list(loaded.feature_set.columns)]
    calibrated = CalibratedClassifierCV(FrozenEstimator(kind(fitted("full").steps)), method="sigmoid")
    calibrated.fit(features, labels(videos))
    registry.save(folder, loaded._replace(estimator=calibrated), "# Card\n")
    again = registry.load(folder, "full").estimator
    assert (again.predict_proba(features) == calibrated.predict_proba(features)).all()
    assert type(unwrap(again)[0]) is kind


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("library_versions", {"scikit-learn": "0.1"}, "was fitted with scikit-learn 0.1"),
        ("features", {"video_view_count": "bigint"}, "other columns than video_features now declares"),
    ],
)
def test_another_version_or_contract_is_refused(folder, field: str, value: object, says: str) -> None:
    path = folder / "full.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))
    with pytest.raises(DataError, match=says):
        registry.load(folder, "full")


def test_a_type_that_is_not_trusted_is_refused(folder) -> None:
    evil = FunctionTransformer(np.savetxt)
    resave(folder, archive.dump({"estimator": evil, "rule": evil}))
    with pytest.raises(DataError, match="not trusted and was not loaded"):
        registry.load(folder, "full")


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_a_damaged_file_is_refused_in_a_sentence(folder, content: bytes) -> None:
    resave(folder, content)
    with pytest.raises(DataError, match="cannot be read"):
        registry.load(folder, "full")


def test_another_file_than_the_saved_one_is_not_loaded(folder) -> None:
    assert registry.is_whole(folder, "full")
    path = folder / "full.skops"
    path.write_bytes(path.read_bytes() + b" ")
    assert not registry.is_whole(folder, "full")
    with pytest.raises(DataError, match="was changed after it was saved and was not loaded"):
        registry.load(folder, "full")


def test_equal_models_are_saved_in_equal_bytes(folder, tmp_path_factory) -> None:
    other = tmp_path_factory.mktemp("again")
    registry.save(other, registry.load(folder, "full"), "# Card\n")
    for path in folder.iterdir():
        assert path.read_bytes() == (other / path.name).read_bytes(), path.name


def test_a_model_with_flipped_leaves_is_not_believed(folder, videos: pd.DataFrame) -> None:
    loaded = registry.load(folder, "full")
    assert registry.require_repeated(loaded, videos) == registry.REPEATED
    forest, _ = unwrap(loaded.estimator)
    for tree in forest.named_steps["model"].estimators_:
        tree.tree_.value[:] = tree.tree_.value[:, :, ::-1]
    content = registry.read_model((folder / "full.skops").read_bytes(), folder / "full.skops")
    resave(folder, archive.dump({**content, "estimator": loaded.estimator}))
    with pytest.raises(DataError, match="gives other scores than on the day it was fitted"):
        registry.require_repeated(registry.load(folder, "full"), videos)


def test_a_video_that_has_changed_since_is_no_evidence(folder, videos: pd.DataFrame) -> None:
    loaded = registry.load(folder, "full")
    assert registry.require_repeated(loaded, videos.assign(video_duration_sec=61)) == 0
    # The same numbers in another type are the same features.
    retyped = videos.astype({"video_duration_sec": float, "transcription_character_count": "Int64"})
    assert registry.row_digests(retyped, loaded.feature_set) == registry.row_digests(videos, loaded.feature_set)


@pytest.mark.parametrize(
    ("first", "count"), [(0, 10), *(pytest.param(number, 100, marks=pytest.mark.slow) for number in range(0, 500, 100))]
)
def test_a_mutated_model_is_refused_or_predicts(folder, videos: pd.DataFrame, first: int, count: int) -> None:
    videos.to_parquet(folder / "videos.parquet")
    answer = subprocess.run(
        [sys.executable, "-m", "tests.ml.classifier.mutations", str(folder), str(first), str(count)],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr[-2_000:]
    found = json.loads(answer.stdout.splitlines()[-1])
    print(found)  # noqa: T201 - shown with -rP
    assert found["refused"] + found["predicts"] == count
    assert min(found["refused"], found["predicts"]) > count // 5


def test_a_missing_model_names_the_command(tmp_path) -> None:
    with pytest.raises(DataError, match="Run `claims train` first"):
        registry.load(tmp_path, "full")


def test_a_saved_model_is_no_pickle(folder) -> None:
    with zipfile.ZipFile(folder / "full.skops") as archive:
        assert not [name for name in archive.namelist() if not name.endswith((".json", ".npy", ".npz"))]
