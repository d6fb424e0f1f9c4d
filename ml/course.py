"""The published course recipe for the claim forest, kept for comparison: its columns, split and best settings."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import train_test_split

from warehouse import contract
from warehouse.engine import Engine

COUNTS = tuple(f"video_{metric}_count" for metric in ("view", "like", "share", "download", "comment"))
BEST_SETTINGS = {
    "max_depth": 5,
    "max_features": 0.6,
    "max_samples": 0.7,
    "min_samples_leaf": 1,
    "min_samples_split": 2,
    "n_estimators": 75,
}


class CourseResult(NamedTuple):
    """Outcome on the course's test rows."""

    test_count: int
    confusion: list[list[int]]
    """[[true negatives, false positives], [false negatives, true positives]]."""

    @property
    def wrong_count(self) -> int:
        """Misclassified test rows."""
        return self.confusion[0][1] + self.confusion[1][0]


def load(engine: Engine) -> pd.DataFrame:
    """Read the labelled videos in file order, which the published split depends on; nothing else may use it."""
    frame: pd.DataFrame = engine.query(
        f"select is_claim, video_duration_sec, {', '.join(COUNTS)}, transcription_character_count, verified_status, "
        f"author_ban_status from {contract.relation('fct_videos')} where is_labelled "
        "order by delivery_number, delivery_row_number"
    ).to_pandas()
    return frame


def features(frame: pd.DataFrame) -> pd.DataFrame:
    """The course's ten columns in the course's order."""
    numbers: pd.DataFrame = frame[["video_duration_sec", *COUNTS, "transcription_character_count"]]
    return numbers.assign(
        verified_status_verified=frame["verified_status"] == "verified",
        author_ban_status_banned=frame["author_ban_status"] == "banned",
        **{"author_ban_status_under review": frame["author_ban_status"] == "under review"},
    )


def fit_ten_columns(frame: pd.DataFrame) -> CourseResult:
    """Fit the published best forest on the course's split.

    Args:
        frame: Rows of `load`.

    Returns:
        Its errors on the course's test rows.
    """
    rest, test, rest_label, test_label = train_test_split(
        features(frame), frame["is_claim"], test_size=0.2, random_state=0
    )
    train, _, train_label, _ = train_test_split(rest, rest_label, test_size=0.25, random_state=0)
    forest = RandomForestClassifier(random_state=0, **BEST_SETTINGS).fit(train, train_label)
    matrix = confusion_matrix(test_label, forest.predict(test))
    return CourseResult(len(test), np.asarray(matrix).tolist())
