"""Replays one score: what each feature moved, tree by tree, and what the baselines say."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ml.classifier.feature_sets import FeatureSet
from ml.classifier.pipelines import encoded_sources, unwrap
from ml.classifier.registry import SavedModel
from wording import names


class Contributions(NamedTuple):
    """How a random forest came from its base rate to one probability."""

    base_rate: float
    """Mean share of claims at the roots of the trees."""
    by_feature: dict[str, float]
    """Raw column to the sum of its changes; with the base rate they add up to the raw probability."""
    raw_probability: float
    """Before calibration."""
    probability: float


class Explanation(NamedTuple):
    """Everything about one video's score."""

    feature_set: str
    contributions: Contributions
    features: dict[str, Any]
    rule: str
    rule_decision: str
    majority_decision: str


def contributions(estimator: Any, row: pd.DataFrame, feature_set: FeatureSet) -> Contributions:
    """Path contributions of one row (Saabas 2014): the change of a node's share of claims at each split on the way.

    Args:
        estimator: A fitted random forest of the feature set, calibrated or not.
        row: One row with the feature set's columns.
        feature_set: The feature set.

    Returns:
        Contributions by raw column, averaged over the trees; the words of a text are summed.
    """
    pipeline, _ = unwrap(estimator)
    encode, forest = pipeline.named_steps["encode"], pipeline.named_steps["model"]
    features = row[list(feature_set.columns)]
    encoded = np.asarray(encode.transform(features), dtype=np.float32)
    sources = encoded_sources(encode, feature_set)
    moved = dict.fromkeys(feature_set.columns, 0.0)
    base = 0.0
    for tree in forest.estimators_:
        # Parents are numbered before their children, so the nodes of a path come in order.
        path = tree.decision_path(encoded).indices
        share = tree.tree_.value[path, 0, 1] / tree.tree_.value[path, 0, :].sum(axis=1)
        base += share[0]
        for node, change in zip(path[:-1], np.diff(share), strict=True):
            moved[sources[tree.tree_.feature[node]]] += change
    trees = len(forest.estimators_)
    return Contributions(
        float(base / trees),
        {name: float(value / trees) for name, value in moved.items()},
        float(pipeline.predict_proba(features)[0, 1]),
        float(estimator.predict_proba(features)[0, 1]),
    )


def explain(model: SavedModel, row: pd.DataFrame) -> Explanation:
    """Explain the score of one video by the model of its feature set.

    Args:
        model: Of the feature set that scored the video.
        row: Its row of `ml.video_features`.

    Returns:
        The explanation.
    """
    used, rule = model.feature_set, model.rule.rule_
    called = bool(model.rule.predict(row[list(used.columns)])[0])
    return Explanation(
        feature_set=used.name,
        contributions=contributions(model.estimator, row, used),
        features={name: row[name].iloc[0] for name in used.columns},
        rule=names.rule(rule.feature, rule.operator, rule.value),
        rule_decision="claim" if called else "opinion",
        majority_decision="claim" if model.manifest.train_claim_share >= 0.5 else "opinion",
    )
