"""A model's manifest with everything that a test does not care about."""

from typing import Any

from ml.classifier import registry
from ml.classifier.feature_sets import FeatureSet
from ml.classifier.registry import Manifest


def manifest_of(used: FeatureSet, **changes: Any) -> Manifest:
    """The manifest of a feature set's model, as if it had been fitted here."""
    return Manifest(
        model_run_id=f"{used.name} run",
        rule_run_id="rule",
        feature_set=used.name,
        data_hash="hash",
        code_version="0",
        library_versions=registry.library_versions(),
        features=registry.feature_types(used),
        decision_threshold=0.2,
        review_lower_bound=0.2,
        review_upper_bound=0.4,
        train_claim_share=0.5,
        held_out_scores=(),
        labelled_count=1_000,
        champion="random_forest",
        least_view_count=0.0,
        settings={},
    )._replace(**changes)
