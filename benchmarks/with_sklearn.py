"""The published notebooks' training with scikit-learn: two grid searches of 360 fits. Written for comparison."""

import time
from typing import Any

import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split

GRID = {
    "max_depth": [5, 7, None],
    "max_features": [0.3, 0.6],
    "max_samples": [0.7],
    "min_samples_leaf": [1, 2],
    "min_samples_split": [2, 3],
    "n_estimators": [75, 100, 200],
}
FOLDS = 5
SCORES = ("accuracy", "precision", "recall", "f1")


def both_grid_searches(file: str, folds: int) -> Any:
    """The search on ten columns, then the search with fifteen n-grams of the transcript, each on one core.

    Args:
        file: A delivered CSV file.
        folds: How many of the five folds to fit; the seconds of fewer are scaled up to five.

    Returns:
        The processor's seconds, not the wall's: one core's work is the same on a busy machine, or nearly.
    """
    from benchmarks.contender import Timed

    frame = pd.read_csv(file).dropna(axis=0).reset_index(drop=True)
    frame["text_length"] = frame["video_transcription_text"].str.len()
    label = (frame["claim_status"] == "claim").astype(int)
    columns = frame.drop(columns=["#", "video_id", "claim_status"])
    dummies = pd.get_dummies(columns, columns=["verified_status", "author_ban_status"], drop_first=True)
    rest, _, rest_label, _ = train_test_split(dummies, label, test_size=0.2, random_state=0)
    train, _, train_label, _ = train_test_split(rest, rest_label, test_size=0.25, random_state=0)
    found = {}
    clock = time.process_time()
    found["ten columns"] = _search(train.drop(columns=["video_transcription_text"]), train_label, folds)
    vectorizer = CountVectorizer(ngram_range=(2, 3), max_features=15, stop_words="english")
    grams = vectorizer.fit_transform(train["video_transcription_text"]).toarray()
    with_grams = pd.concat(
        [
            train.drop(columns=["video_transcription_text"]).reset_index(drop=True),
            pd.DataFrame(grams, columns=vectorizer.get_feature_names_out()),
        ],
        axis=1,
    )
    found["with n-grams"] = _search(with_grams, train_label, folds)
    return Timed((time.process_time() - clock) * FOLDS / folds, found)


def _search(train: pd.DataFrame, label: pd.Series, folds: int) -> dict[str, Any]:
    begun = time.process_time()
    parts = list(StratifiedKFold(FOLDS).split(train, label))[:folds]
    search = GridSearchCV(RandomForestClassifier(random_state=0), GRID, scoring=list(SCORES), cv=parts, refit="recall")
    search.fit(train, label)
    return {
        "cpu_sec": round(time.process_time() - begun, 1),
        "recall": round(float(search.best_score_), 6),
        "best": search.best_params_,
    }
