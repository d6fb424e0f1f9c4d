"""What a random forest would lose without a feature, beside what its trees say they used."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.inspection import permutation_importance

from ml.classifier.feature_sets import FeatureSet, known_when
from ml.classifier.forest import labels
from ml.classifier.metrics import CONFIDENCE, log_losses
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
    sample, columns = part.head(ROWS), list(feature_set.columns)
    generator = np.random.default_rng(0)
    draws = [sample.iloc[generator.integers(0, len(sample), len(sample))] for _ in range(REPEATS)]
    found = [
        permutation_importance(
            estimator, drawn[columns], labels(drawn), scoring=_scores, n_repeats=1, random_state=repeat
        )
        for repeat, drawn in enumerate(draws)
    ]
    pipeline, _ = unwrap(estimator)
    sources = np.array(encoded_sources(pipeline.named_steps["encode"], feature_set))
    impurity = pipeline.named_steps["model"].feature_importances_
    rows = []
    for number, feature in enumerate(columns):
        accuracy, log_loss = (
            np.array([one[name].importances[number, 0] for one in found]) for name in ("accuracy", "log_loss")
        )
        rows += [
            _row(feature, "permutation", *_spread(accuracy)),
            _row(feature, "permutation_log_loss", *_spread(log_loss)),
            _row(feature, "impurity", float(impurity[sources == feature].sum()), None, None),
        ]
    return _ranked(rows)


def _scores(estimator: Any, features: pd.DataFrame, label: np.ndarray) -> dict[str, float]:
    """Accuracy and negative log loss, from one prediction."""
    probability = np.asarray(estimator.predict_proba(features)[:, 1], dtype=float)
    return {
        "accuracy": float(((probability >= 0.5) == label).mean()),
        "log_loss": -float(log_losses(label, probability).mean()),
    }


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
