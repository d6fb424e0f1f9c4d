"""Models at rest: saved without pickles, loaded as they were, refused when changed."""

import json
import zipfile

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.preprocessing import FunctionTransformer

from ml.classifier import registry
from ml.classifier.feature_sets import feature_set
from ml.classifier.forest import labels
from ml.classifier.novelty import Known
from ml.classifier.pipelines import build
from ml.classifier.registry import Manifest, SavedModel
from warehouse.errors import DataError


@pytest.fixture
def folder(tmp_path, videos: pd.DataFrame, fitted):
    used = feature_set("full")
    rule = build("one_line_rule", used).fit(videos[list(used.columns)], labels(videos))
    manifest = Manifest(
        model_run_id="run",
        rule_run_id="rule",
        feature_set=used.name,
        data_hash="hash",
        code_version="0",
        library_versions=registry.library_versions(),
        features=registry.feature_types(used),
        decision_threshold=0.2,
        review_lower_bound=0.1,
        review_upper_bound=0.3,
        train_claim_share=0.5,
        labelled_count=1_000,
        champion="random_forest",
        least_view_count=0.0,
        settings={},
    )
    registry.save(
        tmp_path,
        SavedModel(used, fitted("full"), rule, fitted("full"), Known.learn(videos, used), manifest),
        "# Card\n",
    )
    return tmp_path


def test_a_saved_model_scores_as_before(folder, videos: pd.DataFrame, fitted) -> None:
    loaded = registry.load(folder, "full")
    columns = list(loaded.feature_set.columns)
    assert (loaded.estimator.predict_proba(videos[columns]) == fitted("full").predict_proba(videos[columns])).all()
    assert loaded.manifest.band == (0.1, 0.3)
    assert loaded.champion is loaded.estimator
    assert loaded.known == Known.learn(videos, feature_set("full"))
    assert sorted(path.name for path in folder.iterdir()) == ["full.json", "full.md", "full.skops"]


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
    skops.io.dump({"estimator": evil, "rule": evil}, folder / "full.skops")
    with pytest.raises(DataError, match="not trusted and was not loaded"):
        registry.load(folder, "full")


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_a_damaged_file_is_refused_in_a_sentence(folder, content: bytes) -> None:
    (folder / "full.skops").write_bytes(content)
    with pytest.raises(DataError, match="cannot be read"):
        registry.load(folder, "full")


def test_a_missing_model_names_the_command(tmp_path) -> None:
    with pytest.raises(DataError, match="Run `claims train` first"):
        registry.load(tmp_path, "full")


def test_a_saved_model_is_no_pickle(folder) -> None:
    with zipfile.ZipFile(folder / "full.skops") as archive:
        assert not [name for name in archive.namelist() if not name.endswith((".json", ".npy", ".npz"))]
