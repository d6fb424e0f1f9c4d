"""The published course recipe for the regression, kept for comparison, with the two leaks it contains measured.

It caps likes and comments, resamples verified rows with replacement up to the majority's size, and only then splits:
copies of one row land on both sides, and the test rows no longer have the prevalence of the world.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils import resample

from ml.statistics.confusion import Confusion, confusion_of
from ml.statistics.convergence import NotFittedError, SettledLogisticRegression

CAPPED = ("video_like_count", "video_comment_count")
TEST_SHARE = 0.25


class CourseResult(NamedTuple):
    """What one variant of the recipe yields."""

    odds_ratios: dict[str, float]
    confusion: Confusion
    train_count: int
    shared_positive_share: float
    """Share of the verified test rows of which a copy is in the training part."""
    test_prevalence: float
    """Share of verified rows among the test rows."""


def course_terms(videos: pd.DataFrame) -> pd.DataFrame:
    """The recipe's eight columns in its order.

    Args:
        videos: Rows with the columns of fct_videos.

    Returns:
        Numeric columns.
    """
    return pd.DataFrame(
        {
            "video_duration_sec": videos["video_duration_sec"],
            "video_view_count": videos["video_view_count"],
            "video_share_count": videos["video_share_count"],
            "video_download_count": videos["video_download_count"],
            "video_comment_count": videos["video_comment_count"],
            "claim_status opinion": videos["label"] == "opinion",
            "author_ban_status banned": videos["author_ban_status"] == "banned",
            "author_ban_status under review": videos["author_ban_status"] == "under review",
        },
        index=videos.index,
    ).astype(float)


def cap_outliers(values: pd.Series) -> pd.Series:
    """Cap at the third quartile plus one and a half interquartile ranges (Tukey)."""
    lower, upper = (float(np.quantile(values, share)) for share in (0.25, 0.75))
    return pd.Series(values.clip(upper=upper + 1.5 * (upper - lower)))


def course_recipe(videos: pd.DataFrame) -> CourseResult:
    """The recipe as published: cap, resample, split.

    Args:
        videos: Labelled videos in the order of the file, since the published resampling and split depend on it.

    Returns:
        Its scores, and what leaks.

    Raises:
        NotFittedError: A class is missing or too small to split.
    """
    _require_rows(videos)
    capped = videos.assign(**{column: cap_outliers(videos[column]) for column in CAPPED})
    majority, minority = capped[~capped["is_verified"]], capped[capped["is_verified"]]
    copies = resample(minority, replace=True, n_samples=len(majority), random_state=0)
    balanced = pd.concat([majority, copies])  # the index keeps saying which row a copy comes from
    train, test = train_test_split(balanced, test_size=TEST_SHARE, random_state=0)
    model = SettledLogisticRegression(max_iter=800, random_state=0)
    model.fit(course_terms(train), train["is_verified"])
    return _result(model, course_terms(train), course_terms(test), train, test)


def course_recipe_split_first(videos: pd.DataFrame) -> CourseResult:
    """The recipe with the split first: only the training part is resampled, and nothing is capped.

    Args:
        videos: Labelled videos in the order of the file.

    Returns:
        Scores on untouched rows at natural prevalence.

    Raises:
        NotFittedError: A class is missing or too small to split.
    """
    _require_rows(videos)
    train, test = train_test_split(videos, test_size=TEST_SHARE, random_state=0, stratify=videos["is_verified"])
    majority, minority = train[~train["is_verified"]], train[train["is_verified"]]
    copies = resample(minority, replace=True, n_samples=len(majority), random_state=0)
    balanced = pd.concat([majority, copies])
    scaler = StandardScaler().set_output(transform="pandas").fit(course_terms(balanced))
    model = SettledLogisticRegression(max_iter=800, random_state=0)
    train_terms = scaler.transform(course_terms(balanced))
    model.fit(train_terms, balanced["is_verified"])
    return _result(
        model=model,
        train_terms=train_terms,
        test_terms=scaler.transform(course_terms(test)),
        train=balanced,
        test=test,
        scale=scaler.scale_,
    )


def _result(
    model: SettledLogisticRegression,
    train_terms: pd.DataFrame,
    test_terms: pd.DataFrame,
    train: pd.DataFrame,
    test: pd.DataFrame,
    scale: np.ndarray | float = 1.0,
) -> CourseResult:
    positives = test.index[test["is_verified"]]
    ratios = np.exp(model.coef_[0] / scale)
    return CourseResult(
        {str(term): float(ratio) for term, ratio in zip(train_terms, ratios, strict=True)},
        confusion_of(test["is_verified"].to_numpy(int), model.predict(test_terms)),
        len(train),
        float(positives.isin(train.index).mean()),
        float(test["is_verified"].mean()),
    )


def _require_rows(videos: pd.DataFrame) -> None:
    sizes = videos["is_verified"].value_counts()
    if len(sizes) < 2 or sizes.min() < 4:
        raise NotFittedError("too_few_rows_for_recipe")
