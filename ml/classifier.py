"""Claim classifiers: one fitted pipeline per stage, from raw feature columns to a probability."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

STATUSES = ("verified_status", "author_ban_status")
METADATA = ("video_duration_sec", *STATUSES)
ENGAGEMENT = (
    *METADATA,
    *(f"video_{metric}_count" for metric in ("view", "like", "share", "download", "comment")),
    *(f"{metric}_rate" for metric in ("like", "share", "download", "comment")),
)
STAGES: dict[str, tuple[str, ...]] = {"metadata": METADATA, "engagement": ENGAGEMENT}
PARAMETERS: dict[str, Any] = {"n_estimators": 100, "min_samples_leaf": 2, "max_features": 0.6, "random_state": 0}


def build_pipeline(columns: tuple[str, ...]) -> Pipeline:
    """An unfitted pipeline for a stage's columns."""
    encode = ColumnTransformer(
        [("status", OneHotEncoder(handle_unknown="ignore"), [name for name in columns if name in STATUSES])],
        remainder="passthrough",
        verbose_feature_names_out=False,
    )
    return Pipeline([("encode", encode), ("forest", RandomForestClassifier(**PARAMETERS))])


def claim_probability(model: Pipeline, frame: pd.DataFrame) -> np.ndarray:
    """Probability of claim per row, by a fitted pipeline."""
    return np.asarray(model.predict_proba(frame)[:, 1])
