"""What a random forest would lose without a feature, beside what its trees say they used."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ml.classifier.feature_sets import FeatureSet, known_when
from ml.classifier.forest import labels
from ml.classifier.metrics import CONFIDENCE, FLOOR
from ml.classifier.pipelines import encoded_sources, unwrap

REPEATS = 10
# More rows would narrow the intervals a little and take seconds each.
ROWS = 2_000


def importance_rows(estimator: Any, part: pd.DataFrame, feature_set: FeatureSet) -> list[dict[str, Any]]:
    """Permutation and impurity importance of every raw column.

    Each repeat draws the rows anew and shuffles the column, so that an interval holds the chance of both.

    Args:
        estimator: A fitted random forest of the feature set.
        part: Held-out rows.
        feature_set: The feature set.

    Returns:
        Rows for `ml.feature_importance` without run and feature set, in the order of the feature set's columns.
    """
    pipeline, sigmoid = unwrap(estimator)
    encode, forest = pipeline.named_steps["encode"], pipeline.named_steps["model"]
    sample = part.head(ROWS)
    label = labels(sample)
    # Each column is encoded by itself, so shuffling its encoded columns together is shuffling the column.
    encoded = np.asarray(encode.transform(sample[list(feature_set.columns)]), dtype=np.float32)
    sources = np.array(encoded_sources(encode, feature_set))

    def losses(matrix: np.ndarray, drawn: np.ndarray) -> tuple[float, float]:
        probability = forest.predict_proba(matrix)[:, 1]
        if sigmoid is not None:
            probability = sigmoid.predict(probability)
        kept = np.clip(probability, FLOOR, 1 - FLOOR)
        log_loss = -np.log(np.where(label[drawn], kept, 1 - kept)).mean()
        return float(((probability >= 0.5) != label[drawn]).mean()), float(log_loss)

    generator = np.random.default_rng(0)
    draws = [generator.integers(0, len(sample), len(sample)) for _ in range(REPEATS)]
    before = [losses(encoded[drawn], drawn) for drawn in draws]
    rows = []
    for feature in feature_set.columns:
        changes = []
        for drawn, base in zip(draws, before, strict=True):
            shuffled = encoded[drawn]
            is_feature = sources == feature
            shuffled[:, is_feature] = shuffled[generator.permutation(len(drawn))][:, is_feature]
            after = losses(shuffled, drawn)
            changes.append((after[0] - base[0], after[1] - base[1]))
        accuracy, log_loss = np.array(changes).T
        rows += [
            _row(feature, "permutation", *_spread(accuracy)),
            _row(feature, "permutation_log_loss", *_spread(log_loss)),
            _row(feature, "impurity", float(forest.feature_importances_[sources == feature].sum()), None, None),
        ]
    return _ranked(rows)


def _spread(values: np.ndarray) -> tuple[float, float, float]:
    """Mean of the repeats, with the interval in which one repeat falls."""
    margin = float(stats.t.ppf(0.5 + CONFIDENCE / 2, len(values) - 1) * values.std(ddof=1))
    return float(values.mean()), float(values.mean()) - margin, float(values.mean()) + margin


def _row(feature: str, kind: str, value: float, lower: float | None, upper: float | None) -> dict[str, Any]:
    return {
        "feature": feature,
        "known_when": known_when(feature),
        "importance_kind": kind,
        "importance": value,
        "lower_bound": lower,
        "upper_bound": upper,
    }


def _ranked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for kind in sorted({row["importance_kind"] for row in rows}):
        ordered = sorted((row for row in rows if row["importance_kind"] == kind), key=lambda row: -row["importance"])
        for rank, row in enumerate(ordered, start=1):
            row["importance_rank"] = rank
    return rows
