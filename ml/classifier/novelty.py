"""What a model has not seen: words that training never heard, numbers outside its range, counts too young to tell."""

import re
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd

from ml.classifier.feature_sets import SPREAD, TEXT, FeatureSet

UNKNOWN_WORDS = "unknown_words"
OUT_OF_RANGE = "out_of_range"
QUANTILE = 0.01
"""This share of the training transcripts would be called novel themselves."""
# Words as scikit-learn's CountVectorizer takes them.
_WORD = re.compile(r"(?u)\b\w\w+\b")


class Known(NamedTuple):
    """What a feature set's training rows held."""

    words: frozenset[str]
    """Of at least two transcripts, so that a transcript does not vouch for itself."""
    least_word_share: float
    """Share of known words below which a transcript is novel."""
    ranges: dict[str, tuple[float, float]]
    """Least and largest training value of each delivered number."""

    @classmethod
    def learn(cls, train: pd.DataFrame, feature_set: FeatureSet) -> Self:
        """Look at the training rows once.

        Args:
            train: Rows with the set's columns.
            feature_set: Whose columns count.

        Returns:
            What is known from them.
        """
        words: frozenset[str] = frozenset()
        least = 0.0
        if TEXT in feature_set.columns:
            counted: dict[str, int] = {}
            for text in train[TEXT]:
                for word in _distinct(text):
                    counted[word] = counted.get(word, 0) + 1
            words = frozenset(word for word, count in counted.items() if count > 1)
            shares = [_known_share(text, words) for text in train[TEXT]]
            least = float(np.quantile(shares, QUANTILE, method="lower"))
        delivered = [name for name in feature_set.numbers if name in feature_set.required]
        ranges = {name: (float(train[name].min()), float(train[name].max())) for name in delivered}
        return cls(words, least, ranges)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        """Back from `as_plain`."""
        ranges = {name: (float(low), float(high)) for name, (low, high) in plain["ranges"].items()}
        return cls(frozenset(plain["words"]), float(plain["least_word_share"]), ranges)

    def as_plain(self) -> dict[str, Any]:
        """Lists and numbers that JSON takes."""
        return {"words": sorted(self.words), "least_word_share": self.least_word_share, "ranges": self.ranges}

    def reasons(self, rows: pd.DataFrame) -> np.ndarray:
        """Why each row is novel.

        Args:
            rows: Rows with the set's columns.

        Returns:
            A reason code per row, or an empty text; shape (rows,).
        """
        found = np.full(len(rows), "", dtype=object)
        for name, (low, high) in self.ranges.items():
            values = rows[name].to_numpy(float)
            found[(values < low) | (values > high)] = OUT_OF_RANGE
        if self.words:
            shares = np.array([_known_share(text, self.words) for text in rows[TEXT]])
            found[shares < self.least_word_share] = UNKNOWN_WORDS
            found[shares == 0] = UNKNOWN_WORDS
        return found


def is_young(rows: pd.DataFrame, least_view_count: float | None) -> np.ndarray:
    """Whether each video is too little seen for its counts to decide; shape (rows,)."""
    if least_view_count is None or SPREAD not in rows:
        return np.zeros(len(rows), dtype=bool)
    return np.asarray(rows[SPREAD].to_numpy(float) < least_view_count)


def _distinct(text: object) -> set[str]:
    return set(_WORD.findall(text.lower())) if isinstance(text, str) else set()


def _known_share(text: object, known: frozenset[str]) -> float:
    words = _distinct(text)
    return len(words & known) / len(words) if words else 0.0
