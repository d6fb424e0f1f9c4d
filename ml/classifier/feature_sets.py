"""The four feature sets, declared once: what a model may use, and when that is known."""

from collections.abc import Sequence
from functools import cache
from typing import Literal, NamedTuple

import pandas as pd

from warehouse import contract
from warehouse.errors import DataError

KnownAt = Literal["publication", "after_spread"]
SOURCE = "video_features"
TEXT = "video_transcription_text"
SPREAD = "video_view_count"
"""How far a video has spread."""

_METADATA = ("video_duration_sec", "verified_status", "author_ban_status")
_TRANSCRIPT = (TEXT, "transcription_character_count")
_ENGAGEMENT = (
    *(f"video_{metric}_count" for metric in ("view", "like", "share", "download", "comment")),
    *(f"{metric}_rate" for metric in ("like", "share", "download", "comment")),
)


class FeatureSet(NamedTuple):
    """A moment of decision and the columns of `ml.video_features` that a model may use then."""

    name: str
    known_when: KnownAt
    columns: tuple[str, ...]
    decides: bool = True
    """Whether its score may decide without a person."""
    core: tuple[str, ...] = ()
    """What it cannot do without; other columns that a platform does not deliver are left out of it."""

    @property
    def required(self) -> tuple[str, ...]:
        """The delivered columns that a video needs; a rate without a denominator is no reason to fall back."""
        return tuple(column for column in self.columns if column not in _derived())

    def delivered(self, videos: pd.DataFrame) -> "FeatureSet":
        """The same moment of decision without the columns that never occur; itself where its core never does.

        Args:
            videos: Rows with at least its columns.
        """
        absent = {column for column in self.columns if videos[column].isna().all()}
        absent |= {column for column in self.columns if absent & set(_derived().get(column, ()))}
        if absent & set(self.core) or len(absent) == len(self.columns):
            return self
        return self._replace(columns=tuple(column for column in self.columns if column not in absent))

    @property
    def texts(self) -> tuple[str, ...]:
        """Its columns of free text."""
        return tuple(column for column in self.columns if column == TEXT)

    @property
    def categories(self) -> tuple[str, ...]:
        """Its columns of few values."""
        return tuple(column for column in self.columns if column != TEXT and _types()[column] == "string")

    @property
    def numbers(self) -> tuple[str, ...]:
        """Its numeric columns."""
        return tuple(column for column in self.columns if _types()[column] != "string")

    @property
    def scale_free_numbers(self) -> tuple[str, ...]:
        """Its numbers without the counts that a rate restates: likes are views times the like rate."""
        restated = {_derived()[column][0] for column in self.columns if column in _derived()}
        return tuple(column for column in self.numbers if column not in restated)


_DECLARED = (
    FeatureSet("full", "after_spread", (*_METADATA, *_TRANSCRIPT, *_ENGAGEMENT), core=(TEXT, SPREAD)),
    FeatureSet("engagement", "after_spread", (*_METADATA, *_ENGAGEMENT), core=(SPREAD,)),
    FeatureSet("transcript", "publication", (*_METADATA, *_TRANSCRIPT), core=(TEXT,)),
    # Length and account say nothing about what is said: a person decides.
    FeatureSet("metadata", "publication", _METADATA, decides=False),
)


@cache
def feature_sets() -> tuple[FeatureSet, ...]:
    """The feature sets, from the most complete to the least.

    Raises:
        DataError: A feature set uses what is no feature, or what is not known at its time.
    """
    for feature_set in _DECLARED:
        check(feature_set, contract.columns(SOURCE))
    return _DECLARED


def feature_columns() -> tuple[str, ...]:
    """Every feature that a set uses, once, in the order of the sets."""
    return tuple(dict.fromkeys(name for declared in feature_sets() for name in declared.columns))


def feature_set(name: str) -> FeatureSet:
    """Look one feature set up by name."""
    return next(entry for entry in feature_sets() if entry.name == name)


def known_when(column: str) -> str:
    """When a feature is known, as the contract of `ml.video_features` declares it."""
    return str(next(entry.meta["known_when"] for entry in contract.columns(SOURCE) if entry.name == column))


def check(declared: FeatureSet, columns: Sequence[contract.Column]) -> None:
    """Refuse a feature set that would look into the future or at the key.

    Args:
        declared: The feature set.
        columns: Columns of the feature view; a feature says in its meta when it is known.

    Raises:
        DataError: A column is no feature, or is known only after the feature set's time.
    """
    moments = {column.name: column.meta.get("known_when") for column in columns}
    for name in declared.columns:
        if moments.get(name) is None:
            raise DataError(f"Feature set {declared.name} uses {name}, which is no feature of {SOURCE}. Remove it.")
        if declared.known_when == "publication" and moments[name] != "publication":
            raise DataError(
                f"Feature set {declared.name} decides at publication, but {name} is known only after the video "
                "has spread. Remove it, or declare a later feature set."
            )


@cache
def _types() -> dict[str, str]:
    return {column.name: column.data_type for column in contract.columns(SOURCE)}


@cache
def _derived() -> dict[str, list[str]]:
    """What each computed feature is computed from; of a rate the numerator first."""
    return {
        column.name: column.meta["derived_from"] for column in contract.columns(SOURCE) if "derived_from" in column.meta
    }
