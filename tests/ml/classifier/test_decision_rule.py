"""Which rule decides: a model whose scores tell nothing leaves every video to people."""

import numpy as np
import pandas as pd
import pytest

from ml.classifier import decisions
from ml.classifier.decision_rule import promised_band, tells_apart
from ml.classifier.feature_sets import feature_set
from ml.classifier.forest import Parts, fit_forest, labels
from ml.classifier.novelty import Known
from ml.classifier.pipelines import MAJORITY, build
from ml.classifier.thresholds import PEOPLE, Costs, Limits, decide
from tests.ml.conftest import make_videos
from wording.codes import PERSON

USED = feature_set("transcript")


@pytest.mark.parametrize("claim_share", [0.5, 0.7, 0.2])
def test_with_labels_dealt_out_at_random_a_person_decides_on_everything(claim_share: float) -> None:
    """Whichever class is the larger one: costs alone would call everything a claim, or nothing."""
    videos = make_videos(1_500, seed=3)
    videos["is_claim"] = np.random.default_rng(8).random(len(videos)) < claim_share
    parts = parts_of(videos)
    forest = fit_forest(parts, USED, Costs(5.0, 1.0), 1, lambda _: None)
    majority = build(MAJORITY, USED).fit(parts.train[list(USED.columns)], labels(parts.train))
    known = Known.learn(parts.train, USED)
    rule = promised_band(
        parts,
        forest,
        majority,
        np.full(len(parts.train), claim_share),
        known=known,
        youngest=None,
        limits=Limits(0.01, 0.05),
    )
    assert (rule.code, rule.band) == (PERSON, PEOPLE)
    scores = np.linspace(0, 1, len(parts.test))
    written = decisions.write(parts.test, scores, scores, feature_set=USED, known=known, band=rule.band)
    assert set(written.decision) == {decisions.REVIEW}
    assert rule.promise.missed_share_bound is not None


def parts_of(videos: pd.DataFrame) -> Parts:
    return Parts(**{name: videos[videos["split"] == name] for name in ("train", "validation", "calibration", "test")})


def test_scores_that_rank_tell_apart_and_chance_does_not() -> None:
    random = np.random.default_rng(1)
    label = random.random(2_000) < 0.5
    assert tells_apart(label, label + random.normal(size=len(label)))
    assert not tells_apart(label, random.random(len(label)))
    assert not tells_apart(~label, label + random.normal(size=len(label)))


def test_no_probability_escapes_the_people() -> None:
    assert set(decide(np.array([0.0, 0.5, 1.0]), PEOPLE)) == {decisions.REVIEW}
