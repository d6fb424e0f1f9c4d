"""The baseline that every model must beat: the best rule on one column, found on the training rows."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import CountVectorizer

# A rule on a word is read by people: words that fewer than one in a hundred transcripts hold are no rule.
RARE_SHARE = 0.01


class Rule(NamedTuple):
    """One column and what it must be for the video to count as a claim."""

    feature: str
    operator: str
    """`>=`, `<`, `is`, `is not`, `contains` or `lacks` (a word)."""
    value: float | str
    right_count: int
    """Training rows that it gets right."""

    def matches(self, frame: pd.DataFrame) -> np.ndarray:
        """Whether the rule calls each row a claim, shape (rows,); a missing value is none."""
        column = frame[self.feature]
        if self.operator == ">=":
            return column.to_numpy(float) >= float(self.value)
        if self.operator == "<":
            return column.to_numpy(float) < float(self.value)
        if self.operator in {"is", "is not"}:
            return np.asarray((column == self.value).to_numpy(bool) == (self.operator == "is"))
        return np.asarray(_words([str(self.value)], column)[:, 0] == (self.operator == "contains"))


class OneLineRule(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types (2026-11)
    """The rule as a classifier: its probability is the share of claims among the training rows on the same side.

    Args:
        numbers: Columns tried with a threshold.
        categories: Columns tried with one value.
        texts: Columns tried with one word.
    """

    def __init__(self, numbers: Sequence[str], categories: Sequence[str] = (), texts: Sequence[str] = ()) -> None:
        self.numbers = numbers
        self.categories = categories
        self.texts = texts

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Self:
        """Find the rule.

        Args:
            X: Raw feature columns.
            y: Whether each row is a claim; shape (rows,).

        Returns:
            Itself, with `rule_`.
        """
        label = np.asarray(y, dtype=bool)
        found = [
            *(_best_threshold(X, name, label) for name in self.numbers),
            *(_best_value(X, name, label) for name in self.categories),
            *(_best_word(X, name, label) for name in self.texts),
        ]
        # The first of equally good rules: columns stand in the order of the feature set.
        self.rule_ = max(found, key=lambda rule: rule.right_count)
        self.classes_ = np.array([False, True])
        matched = self.rule_.matches(X)
        # One more row of each class (Laplace): a probability of exactly 0 or 1 would make one error infinitely bad.
        self.shares_ = tuple((label[side].sum() + 1.0) / (side.sum() + 2.0) for side in (~matched, matched))
        return self

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Probability of opinion and of claim; shape (rows, 2)."""
        share = np.where(self.rule_.matches(X), self.shares_[1], self.shares_[0])
        return np.column_stack([1 - share, share])

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Whether the rule calls each row a claim; shape (rows,)."""
        return self.rule_.matches(X)


def _best_threshold(frame: pd.DataFrame, name: str, label: np.ndarray) -> Rule:
    """The threshold with the fewest errors, as the roundest number between its two neighbours."""
    column = frame[name].to_numpy(float)
    is_known = ~np.isnan(column)
    order = np.argsort(column[is_known], kind="stable")
    values, claims = column[is_known][order], label[is_known][order]
    claims_before = np.concatenate([[0], np.cumsum(claims)])
    opinions_before = np.arange(len(values) + 1) - claims_before
    # A missing value is never called a claim, whichever way the rule points.
    missing_right = np.count_nonzero(~label[~is_known])
    upward = opinions_before + (claims_before[-1] - claims_before) + missing_right
    downward = claims_before + (opinions_before[-1] - opinions_before) + missing_right
    cuts = np.flatnonzero(values[1:] != values[:-1]) + 1
    if len(cuts) == 0:
        return Rule(name, ">=", 0.0, 0)
    rules = []
    for operator, right in ((">=", upward), ("<", downward)):
        best = cuts[np.argmax(right[cuts])]
        rules.append(Rule(name, operator, roundest(values[best - 1], values[best]), int(right[best])))
    return max(rules, key=lambda rule: rule.right_count)


def _best_value(frame: pd.DataFrame, name: str, label: np.ndarray) -> Rule:
    rules = []
    for value in sorted(frame[name].dropna().unique()):
        is_value = (frame[name] == value).to_numpy(bool)
        right = int(np.count_nonzero(is_value == label))
        rules += [Rule(name, "is", str(value), right), Rule(name, "is not", str(value), len(label) - right)]
    return max(rules, key=lambda rule: rule.right_count, default=Rule(name, "is", "", 0))


def _best_word(frame: pd.DataFrame, name: str, label: np.ndarray) -> Rule:
    vectorizer = CountVectorizer(binary=True, min_df=RARE_SHARE)
    try:
        occurs = vectorizer.fit_transform(frame[name].fillna(""))
    except ValueError:  # no words at all
        return Rule(name, "contains", "", 0)
    claims_with = np.asarray(occurs[label].sum(axis=0)).ravel()
    opinions_with = np.asarray(occurs[~label].sum(axis=0)).ravel()
    right = claims_with + np.count_nonzero(~label) - opinions_with
    best, worst = int(np.argmax(right)), int(np.argmin(right))
    words = vectorizer.get_feature_names_out()
    if right[best] >= len(label) - right[worst]:
        return Rule(name, "contains", str(words[best]), int(right[best]))
    return Rule(name, "lacks", str(words[worst]), int(len(label) - right[worst]))


def _words(vocabulary: list[str], texts: pd.Series) -> np.ndarray:
    counted = CountVectorizer(binary=True, vocabulary=vocabulary).transform(texts.fillna(""))
    return np.asarray(counted.toarray(), dtype=bool)


def roundest(low: float, high: float) -> float:
    """The number with the fewest digits in (low, high], of equally round ones the nearest to the middle.

    Args:
        low: Largest value below the cut.
        high: Smallest value above it.

    Returns:
        A threshold that splits the training values like any other in the gap, and that people can remember.
    """
    step = 10.0 ** math.ceil(math.log10(max(abs(low), abs(high), 1e-9)) + 1)
    while step > 1e-12:
        first, last = math.floor(low / step) + 1, math.floor(high / step)
        if first <= last:
            middle = round((low + high) / 2 / step)
            candidate = float(f"{min(max(middle, first), last) * step:.12g}")
            if low < candidate <= high:
                return candidate
        step /= 10
    return float(high)
