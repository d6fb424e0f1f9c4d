"""Fitted models on disk: saved with skops beside a manifest and a card, loaded only when all three fit this house."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from textwrap import shorten
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from ml.classifier import archive
from ml.classifier.feature_sets import SOURCE, FeatureSet, feature_set, feature_sets
from ml.classifier.novelty import Known
from ml.classifier.thresholds import Band
from warehouse import contract
from warehouse.errors import DataError

ENDINGS = ("skops", "md", "json")
"""Of the files of one model."""
LIBRARIES = ("scikit-learn", "numpy", "skops")
# Beyond what skops trusts by itself: the type of number that an imputer remembers, the node arrays of trees, boosted
# or not, our own rule and regression, and the seam that keeps a fitted model fitted while it is calibrated. All else is
# refused unloaded.
TRUSTED_TYPES = (
    "numpy.dtype",
    "sklearn.tree._tree.Tree",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "ml.classifier.pipelines.LogOddsPipeline",
    "ml.classifier.one_line_rule.OneLineRule",
    "ml.classifier.one_line_rule.Rule",
    "ml.statistics.convergence.SettledLogisticRegression",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
)


# Held-out scores that a model repeats before it is believed, and how exactly.
REPEATED = 20
TOLERANCE = 1e-12


class HeldOutScore(NamedTuple):
    """What the fitted model said about a video that it had not seen."""

    video_id: int
    features_md5: str
    """Of the features that it saw, see `row_digests`: a video that has changed since tells nothing."""
    claim_probability: float


class Manifest(NamedTuple):
    """What must be known before a model is loaded or used."""

    model_run_id: str
    rule_run_id: str
    feature_set: str
    data_hash: str
    code_version: str
    library_versions: dict[str, str]
    features: dict[str, str]
    """Column to contracted type."""
    decision_threshold: float
    review_lower_bound: float
    review_upper_bound: float
    train_claim_share: float
    held_out_scores: tuple[HeldOutScore, ...]
    labelled_count: int
    """Labelled videos in the warehouse when it was fitted."""
    champion: str
    """The simplest candidate that no other beats clearly; what it disputes goes to a person."""
    least_view_count: float | None
    """Views from which counts may decide; None for a feature set without counts."""
    settings: dict[str, float]
    """Costs and limits that shaped its decisions."""
    model_sha256: str = ""
    """Of the file with the model; `save` fills it in."""

    @property
    def band(self) -> Band:
        """Where a person decides."""
        return Band(self.review_lower_bound, self.review_upper_bound)


class SavedModel(NamedTuple):
    """A feature set's model as predictions need it."""

    feature_set: FeatureSet
    estimator: Any
    rule: Any
    champion: Any
    """Fitted; the forest itself where that is the champion."""
    known: Known
    manifest: Manifest


def library_versions() -> dict[str, str]:
    """Versions of the libraries that a saved model depends on."""
    return {name: version(name) for name in LIBRARIES}


def feature_types(used: FeatureSet) -> dict[str, str]:
    """The feature set's columns with their contracted types."""
    types = {column.name: column.data_type for column in contract.columns(SOURCE)}
    return {name: types[name] for name in used.columns}


def save(folder: Path, model: SavedModel, card: str) -> None:
    """Write a model, its manifest and its card, in the order in which a reader relies on them.

    Args:
        folder: Made when absent.
        model: Fitted.
        card: Markdown.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = model.feature_set.name
    (folder / f"{name}.json").unlink(missing_ok=True)
    data = archive.dump(
        {
            "estimator": model.estimator,
            "rule": model.rule,
            "champion": None if model.champion is model.estimator else model.champion,
            "known": model.known.as_plain(),
        }
    )
    (folder / f"{name}.skops").write_bytes(data)
    (folder / f"{name}.md").write_text(card, encoding="utf-8")
    manifest = json.dumps(model.manifest._replace(model_sha256=_sha256(data))._asdict(), indent=2, sort_keys=True)
    (folder / f"{name}.json").write_text(manifest + "\n", encoding="utf-8")


def read_manifest(folder: Path, name: str) -> Manifest | None:
    """The manifest of a feature set's model; None where there is none, or it is of another shape."""
    try:
        manifest = Manifest(**json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
        return manifest._replace(held_out_scores=tuple(HeldOutScore(*row) for row in manifest.held_out_scores))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def is_whole(folder: Path, name: str) -> bool:
    """Whether the model of a feature set is there, byte for byte as it was saved."""
    manifest, file = read_manifest(folder, name), folder / f"{name}.skops"
    return manifest is not None and file.exists() and _sha256(file.read_bytes()) == manifest.model_sha256


def load(folder: Path, name: str) -> SavedModel:
    """Load the model of a feature set.

    Args:
        folder: Where `save` has written.
        name: Of the feature set.

    Returns:
        The model, ready to score.

    Raises:
        DataError: It is missing, of other library versions or another contract, changed since it was saved, or holds
            what is not trusted.
    """
    manifest = read_manifest(folder, name)
    file = folder / f"{name}.skops"
    if manifest is None or not file.exists():
        raise DataError(f"There is no trained model for feature set {name} in {folder}. Run `claims train` first.")
    if manifest.library_versions != library_versions():
        raise DataError(
            f"The model for feature set {name} was fitted with {_named(manifest.library_versions)}, but "
            f"{_named(library_versions())} are installed. Run `claims train` to fit it again."
        )
    declared = feature_set(name)
    # Fitted without a column that its platform does not deliver, it needs none.
    declared = declared._replace(
        columns=tuple(column for column in declared.columns if column in {*manifest.features, *declared.core})
    )
    if manifest.features != feature_types(declared):
        raise DataError(
            f"The model for feature set {name} was fitted on other columns than {SOURCE} now declares. "
            "Run `claims train` to fit it again."
        )
    data = file.read_bytes()
    if _sha256(data) != manifest.model_sha256:
        raise DataError(
            f"{file} was changed after it was saved and was not loaded. Run `claims train` to fit it again."
        )
    content = read_model(data, file)
    return SavedModel(
        feature_set=declared,
        estimator=content["estimator"],
        rule=content["rule"],
        champion=content["estimator"] if content["champion"] is None else content["champion"],
        known=Known.from_plain(content["known"]),
        manifest=manifest,
    )


def read_model(data: bytes, file: Path) -> dict[str, Any]:
    """Make the objects of a saved model, once nothing in it can lead outside its arrays.

    Args:
        data: What `save` has written.
        file: Where it stands, for the messages.

    Returns:
        The estimator, the rule, the champion (None where the estimator is it) and what was known, by name.

    Raises:
        DataError: It cannot be read, or holds what is not trusted.
    """
    try:
        archive.check(data)
        content = skops.io.loads(data, trusted=list(TRUSTED_TYPES))
        archive.check_fitted(content)
        return {name: content[name] for name in ("estimator", "rule", "champion", "known")}
    except UntrustedTypesFoundException as error:
        raise DataError(f"{file} holds types that are not trusted and was not loaded: {_in_a_line(error)}") from error
    except Exception as error:  # a damaged archive can fail anywhere in skops
        raise DataError(f"{file} cannot be read: {_in_a_line(error)}. Run `claims train` to fit it again.") from error


def load_all(folder: Path) -> list[SavedModel]:
    """The models of the feature sets that have one, from the most complete; see `load`."""
    return [load(folder, entry.name) for entry in feature_sets() if (folder / f"{entry.name}.json").exists()]


def row_digests(rows: pd.DataFrame, used: FeatureSet) -> list[str]:
    """A fingerprint of each row's features, of whatever number type the frame holds them in."""
    columns = [
        [None if pd.isna(value) else float(value) if name in used.numbers else str(value) for value in rows[name]]
        for name in used.columns
    ]
    return [
        hashlib.md5(json.dumps(values).encode(), usedforsecurity=False).hexdigest()
        for values in zip(*columns, strict=True)
    ]


def held_out_scores(rows: pd.DataFrame, probability: np.ndarray, used: FeatureSet) -> tuple[HeldOutScore, ...]:
    """The scores that a model has to repeat: the first of its held-out rows' probabilities, shape (rows,)."""
    few = rows.head(REPEATED)
    return tuple(
        HeldOutScore(int(video_id), digest, float(value))
        for video_id, digest, value in zip(few["video_id"], row_digests(few, used), probability, strict=False)
    )


def require_repeated(model: SavedModel, rows: pd.DataFrame) -> int:
    """Let a loaded model repeat what it said about held-out videos.

    Args:
        model: As loaded.
        rows: Features with video_id; those of held-out videos that have not changed since are scored.

    Returns:
        The number of scores repeated.

    Raises:
        DataError: A score differs, or the model cannot score.
    """
    expected = {
        (score.video_id, score.features_md5): score.claim_probability for score in model.manifest.held_out_scores
    }
    keys = list(zip(rows["video_id"], row_digests(rows, model.feature_set), strict=True))
    is_known = np.array([key in expected for key in keys], dtype=bool)
    if not is_known.any():
        return 0
    remedy = "Run `claims train` to fit it again."
    try:
        found = np.asarray(
            model.estimator.predict_proba(rows.loc[is_known, list(model.feature_set.columns)])[:, 1], float
        )
    except Exception as error:  # a damaged model can fail anywhere
        raise DataError(
            f"The model for feature set {model.feature_set.name} cannot score: {_in_a_line(error)}. {remedy}"
        ) from error
    stored = np.array([expected[key] for key, known in zip(keys, is_known, strict=True) if known])
    if not np.allclose(found, stored, rtol=0, atol=TOLERANCE):
        raise DataError(
            f"The model for feature set {model.feature_set.name} gives other scores than on the day it was fitted: "
            f"{float(np.abs(found - stored).max()):.3g} apart on held-out videos. {remedy}"
        )
    return len(stored)


def _in_a_line(error: Exception) -> str:
    """What a library says, which may go on for pages."""
    return shorten(str(error), 200) or type(error).__name__


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _named(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(versions.items()))
