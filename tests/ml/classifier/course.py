"""The published course recipe for the claim forest, kept for comparison: its columns, split and best settings."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import train_test_split

from ml.classifier.feature_sets import SOURCE, TEXT, FeatureSet, feature_columns
from ml.classifier.forest import Parts, claim_probability, fit_forest
from ml.classifier.thresholds import Costs
from warehouse import contract
from warehouse.protocol import Engine

COUNTS = tuple(f"video_{metric}_count" for metric in ("view", "like", "share", "download", "comment"))
BEST_SETTINGS = {
    "max_depth": 5,
    "max_features": 0.6,
    "max_samples": 0.7,
    "min_samples_leaf": 1,
    "min_samples_split": 2,
    "n_estimators": 75,
}
BEST_SETTINGS_WITH_PHRASES = {**BEST_SETTINGS, "max_depth": None, "n_estimators": 200}


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
    names = feature_columns()
    columns = ", ".join(f"features.{name}" for name in names)
    frame: pd.DataFrame = engine.query(
        f"select features.is_claim, {columns} from {contract.relation(SOURCE)} as features "
        f"inner join {contract.relation('fct_videos')} as videos on features.video_id = videos.video_id "
        "where features.is_claim is not null order by videos.delivery_number, videos.delivery_row_number"
    ).to_pandas()
    return frame


def split(frame: pd.DataFrame) -> Parts:
    """The course's 60/20/20 split."""
    rest, test = train_test_split(frame, test_size=0.2, random_state=0)
    train, validation = train_test_split(rest, test_size=0.25, random_state=0)
    return Parts(train=train, validation=validation, calibration=validation.head(0), test=test)


def features(frame: pd.DataFrame) -> pd.DataFrame:
    """The course's ten columns in the course's order."""
    return frame[["video_duration_sec", *COUNTS, "transcription_character_count"]].assign(
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
    parts = split(frame)
    forest = RandomForestClassifier(random_state=0, **BEST_SETTINGS)
    forest.fit(features(parts.train), parts.train["is_claim"])
    return _result(parts.test, forest.predict(features(parts.test)))


def fit_twenty_five_columns(frame: pd.DataFrame) -> CourseResult:
    """Fit the published best forest with 15 phrases of two or three words beside the ten columns.

    Args:
        frame: Rows of `load`.

    Returns:
        Its errors on the course's test rows.
    """
    parts = split(frame)
    phrases = CountVectorizer(ngram_range=(2, 3), max_features=15, stop_words="english").fit(parts.train[TEXT])
    train, test = (_with_phrases(part, phrases) for part in (parts.train, parts.test))
    forest = RandomForestClassifier(random_state=0, **BEST_SETTINGS_WITH_PHRASES).fit(train, parts.train["is_claim"])
    return _result(parts.test, forest.predict(test))


def fit_ours(frame: pd.DataFrame, feature_set: FeatureSet, threads: int = 1) -> CourseResult:
    """Fit our random forest of a feature set on the course's split, with our own search on its training rows.

    Args:
        frame: Rows of `load`.
        feature_set: Whose columns to use.
        threads: Trees grown at once.

    Returns:
        Its errors on the course's test rows, which nothing in the search looks at.
    """
    parts = split(frame)
    forest = fit_forest(parts, feature_set, Costs(1, 1), threads, lambda _: None)
    return _result(parts.test, claim_probability(forest.estimator, parts.test, feature_set) >= 0.5)


def rule_result(frame: pd.DataFrame, rule: Any) -> CourseResult:
    """Errors of a fitted one-line rule on the course's test rows."""
    test = split(frame).test
    return _result(test, rule.predict(test))


def _with_phrases(part: pd.DataFrame, phrases: CountVectorizer) -> pd.DataFrame:
    counted = pd.DataFrame(phrases.transform(part[TEXT]).toarray(), columns=phrases.get_feature_names_out())
    return pd.concat([features(part).reset_index(drop=True), counted], axis=1)


def _result(test: pd.DataFrame, decided: np.ndarray) -> CourseResult:
    matrix = confusion_matrix(test["is_claim"].to_numpy(bool), np.asarray(decided, dtype=bool))
    return CourseResult(len(test), np.asarray(matrix).tolist())
