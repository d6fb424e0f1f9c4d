"""The candidate models as scikit-learn pipelines: one object each, from raw feature columns to a probability."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import logit
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from ml.classifier.feature_sets import FeatureSet
from ml.classifier.metrics import FLOOR
from ml.classifier.one_line_rule import OneLineRule
from ml.statistics.convergence import SettledLogisticRegression

SEED = 0
FOREST = "random_forest"
MAJORITY = "majority"
RULE = "one_line_rule"
CANDIDATES = (
    MAJORITY,
    RULE,
    "naive_bayes",
    "logistic_regression",
    "decision_tree",
    FOREST,
    "histogram_gradient_boosting",
)
"""From the simplest to the most complex."""

# The most frequent words; the published forests took 15 phrases, 50 words leave the transcript alone with 50 errors.
WORDS = 200
# More trees than 60 gained nothing on out-of-bag rows of the published data, and every tree costs scoring time.
FOREST_SETTINGS: dict[str, Any] = {"n_estimators": 60, "max_samples": 0.7, "random_state": SEED}
# Where a forest is fitted many times over, more change no choice and no sentence.
FEW_TREES = 30
FOREST_GRID: tuple[dict[str, Any], ...] = tuple(
    {"max_depth": depth, "max_features": share, "min_samples_leaf": leaf}
    for depth, share, leaf in (
        (8, 0.6, 1),
        (8, 0.3, 2),
        (None, 0.6, 1),
        (None, 0.6, 3),
        (None, 0.3, 1),
        (None, "sqrt", 1),
    )
)
"""The search: few settings that differ in how much a tree may learn by heart."""


class LogOddsPipeline(Pipeline):  # type: ignore[misc]  # scikit-learn has no types (2026-11)
    """A pipeline whose calibration is fitted on log-odds, where a sigmoid is a straight line."""

    def decision_function(self, X: Any) -> np.ndarray:
        """What scikit-learn's calibration reads; shape (rows,).

        Args:
            X: The raw columns of the feature set.

        Returns:
            Log-odds of a claim.
        """
        return log_odds(self.predict_proba(X)[:, 1])


def log_odds(probability: np.ndarray) -> np.ndarray:
    """Log-odds of probabilities, finite also at 0 and 1; shape as given."""
    return np.asarray(logit(np.clip(probability, FLOOR, 1 - FLOOR)))


def build(candidate: str, feature_set: FeatureSet, parameters: Mapping[str, Any] | None = None) -> Any:
    """An unfitted candidate for a feature set.

    Args:
        candidate: One of `CANDIDATES`.
        feature_set: Whose columns it takes, as a frame.
        parameters: Further parameters of the random forest; other candidates take none.

    Returns:
        A classifier whose `predict_proba` takes the raw columns of the feature set.
    """
    makers: dict[str, Callable[[], Any]] = {
        MAJORITY: lambda: DummyClassifier(strategy="prior"),
        RULE: lambda: OneLineRule(feature_set.numbers, feature_set.categories, feature_set.texts),
        "naive_bayes": lambda: Pipeline([("encode", _scaled(feature_set)), ("model", GaussianNB())]),
        "logistic_regression": lambda: Pipeline(
            [("encode", _scaled(feature_set)), ("model", SettledLogisticRegression(C=1.0, solver="newton-cholesky"))]
        ),
        "decision_tree": lambda: Pipeline(
            [("encode", encoder(feature_set)), ("model", DecisionTreeClassifier(max_depth=5, random_state=SEED))]
        ),
        FOREST: lambda: Pipeline(
            [
                ("encode", forest_encoder(feature_set)),
                ("model", RandomForestClassifier(**{**FOREST_SETTINGS, **(parameters or {})})),
            ]
        ),
        "histogram_gradient_boosting": lambda: Pipeline(
            [("encode", encoder(feature_set)), ("model", HistGradientBoostingClassifier(random_state=SEED))]
        ),
    }
    return makers[candidate]()


def encoder(feature_set: FeatureSet) -> ColumnTransformer:
    """Raw columns to numbers for trees, which take missing numbers as they are.

    Args:
        feature_set: Whose columns come in.

    Returns:
        One transformer per text or status column, named after it, and `numbers` for the rest.
    """
    return _transformer(feature_set, "passthrough", feature_set.numbers)


def forest_encoder(feature_set: FeatureSet) -> ColumnTransformer:
    """Raw columns to numbers for the random forest, which sees views and rates but no count that a rate restates.

    So 'more views of an otherwise equal video' has one meaning: at the same rates, all counts growing with the views.

    Args:
        feature_set: Whose columns come in.

    Returns:
        As from `encoder`.
    """
    return _transformer(feature_set, "passthrough", feature_set.scale_free_numbers)


def encoded_sources(fitted: ColumnTransformer, feature_set: FeatureSet) -> list[str]:
    """The raw column behind each encoded column, in order.

    Args:
        fitted: What `encoder` or `forest_encoder` gave, fitted.
        feature_set: The feature set it was made for.

    Returns:
        Names of raw columns; a text column appears once per word.
    """
    spans = fitted.output_indices_
    numbers = next(columns for name, _, columns in fitted.transformers if name == "numbers")
    sources = [*numbers]
    for name in (*feature_set.texts, *feature_set.categories):
        sources += [name] * (spans[name].stop - spans[name].start)
    return sources


def unwrap(estimator: Any) -> tuple[Pipeline, Any]:
    """The pipeline inside a fitted forest, and its calibration.

    Args:
        estimator: A fitted pipeline, calibrated or not.

    Returns:
        The pipeline, and the sigmoid whose `predict` calibrates raw probabilities (their log-odds where the pipeline is
        a `LogOddsPipeline`); None without calibration.
    """
    if isinstance(estimator, Pipeline):
        return estimator, None
    (classifier,) = estimator.calibrated_classifiers_
    (sigmoid,) = classifier.calibrators
    return classifier.estimator.estimator, sigmoid


def _transformer(feature_set: FeatureSet, numbers: Any, columns: Sequence[str]) -> ColumnTransformer:
    return ColumnTransformer(
        [
            ("numbers", numbers, list(columns)),
            # Whether a word occurs says as much as how often, and gives a tree one split less.
            *(
                (name, CountVectorizer(max_features=WORDS, binary=True, dtype=np.float32), name)
                for name in feature_set.texts
            ),
            *(
                (name, OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32), [name])
                for name in feature_set.categories
            ),
        ],
        sparse_threshold=0,
        verbose_feature_names_out=False,
    )


def _scaled(feature_set: FeatureSet) -> ColumnTransformer:
    """Numbers on a logarithmic, standardised scale, as linear and Gaussian models need them."""
    logarithm = FunctionTransformer(np.log1p, feature_names_out="one-to-one")
    scaled = make_pipeline(SimpleImputer(strategy="median"), logarithm, StandardScaler())
    return _transformer(feature_set, scaled, feature_set.numbers)
