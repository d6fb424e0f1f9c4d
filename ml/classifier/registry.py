"""Fitted models on disk: saved with skops beside a manifest and a card, loaded only when all three fit this house."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

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
    "ml.classifier.one_line_rule.OneLineRule",
    "ml.classifier.one_line_rule.Rule",
    "ml.statistics.convergence.SettledLogisticRegression",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
)


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
    labelled_count: int
    """Labelled videos in the warehouse when it was fitted."""
    champion: str
    """The simplest candidate that no other beats clearly; what it disputes goes to a person."""
    least_view_count: float | None
    """Views from which counts may decide; None for a feature set without counts."""
    settings: dict[str, float]
    """Costs and limits that shaped its decisions."""

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
    content = {
        "estimator": model.estimator,
        "rule": model.rule,
        "champion": None if model.champion is model.estimator else model.champion,
        "known": model.known.as_plain(),
    }
    skops.io.dump(content, folder / f"{name}.skops")
    (folder / f"{name}.md").write_text(card, encoding="utf-8")
    manifest = json.dumps(model.manifest._asdict(), indent=2, sort_keys=True)
    (folder / f"{name}.json").write_text(manifest + "\n", encoding="utf-8")


def read_manifest(folder: Path, name: str) -> Manifest | None:
    """The manifest of a feature set's model; None where there is none, or it is of another shape."""
    try:
        return Manifest(**json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, json.JSONDecodeError, TypeError):
        return None


def load(folder: Path, name: str) -> SavedModel:
    """Load the model of a feature set.

    Args:
        folder: Where `save` has written.
        name: Of the feature set.

    Returns:
        The model, ready to score.

    Raises:
        DataError: It is missing, of other library versions or another contract, or holds a type that is not trusted.
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
    if manifest.features != feature_types(declared):
        raise DataError(
            f"The model for feature set {name} was fitted on other columns than {SOURCE} now declares. "
            "Run `claims train` to fit it again."
        )
    try:
        content = skops.io.load(file, trusted=list(TRUSTED_TYPES))
    except UntrustedTypesFoundException as error:
        raise DataError(f"{file} holds types that are not trusted and was not loaded: {error}") from error
    except Exception as error:  # a damaged archive can fail anywhere in skops
        raise DataError(f"{file} cannot be read: {error}. Run `claims train` to fit it again.") from error
    champion = content["estimator"] if content["champion"] is None else content["champion"]
    known = Known.from_plain(content["known"])
    return SavedModel(declared, content["estimator"], content["rule"], champion, known, manifest)


def load_all(folder: Path) -> list[SavedModel]:
    """The models of the feature sets that have one, from the most complete; see `load`."""
    return [load(folder, entry.name) for entry in feature_sets() if (folder / f"{entry.name}.json").exists()]


def _named(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(versions.items()))
