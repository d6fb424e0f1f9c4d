"""What a score rests on adds up to the score."""

import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from ml.classifier.explain import contributions
from ml.classifier.feature_sets import feature_set, feature_sets
from ml.classifier.forest import labels
from ml.classifier.pipelines import LogOddsPipeline


@pytest.mark.parametrize("name", [entry.name for entry in feature_sets()])
def test_contributions_add_up_to_the_raw_probability(videos: pd.DataFrame, fitted, name: str) -> None:
    used, model = feature_set(name), fitted(name)
    for position in (0, 7, 99):
        row = videos.iloc[[position]]
        found = contributions(model, row, used)
        assert found.base_rate + sum(found.by_feature.values()) == pytest.approx(found.raw_probability, abs=1e-12)
        assert found.raw_probability == found.probability == model.predict_proba(row[list(used.columns)])[0, 1]
        assert set(found.by_feature) == set(used.columns)


@pytest.mark.parametrize("kind", [Pipeline, LogOddsPipeline])
def test_a_calibrated_forest_is_explained_before_its_calibration(videos: pd.DataFrame, fitted, kind: type) -> None:
    used, held_out = feature_set("engagement"), videos[videos["split"] == "validation"]
    calibrated = CalibratedClassifierCV(FrozenEstimator(kind(fitted("engagement").steps)), method="sigmoid")
    calibrated.fit(held_out[list(used.columns)], labels(held_out))
    found = contributions(calibrated, videos.iloc[[0]], used)
    assert found.base_rate + sum(found.by_feature.values()) == pytest.approx(found.raw_probability, abs=1e-12)
    assert found.probability == calibrated.predict_proba(videos.iloc[[0]][list(used.columns)])[0, 1]
    assert found.probability != found.raw_probability
