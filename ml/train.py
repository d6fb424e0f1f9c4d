"""`claims train`: fits one random forest per stage and saves it beside its measures."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from sklearn.metrics import accuracy_score, average_precision_score, roc_auc_score
from sklearn.model_selection import cross_val_predict

from ml.classifier import PARAMETERS, STAGES, build_pipeline, claim_probability
from warehouse import contract
from warehouse.engine import Engine
from warehouse.errors import DataError
from warehouse.settings import code_version

LIBRARIES = ("scikit-learn", "numpy", "pandas")


def run(engine: Engine, models: Path) -> list[str]:
    """Fit every stage on the training rows and measure it on the test rows.

    Args:
        engine: The working warehouse.
        models: Folder for the fitted models, one `.skops` file per stage.

    Returns:
        The stages that were fitted.

    Raises:
        DataError: The training rows have one class only.
    """
    models.mkdir(parents=True, exist_ok=True)
    runs: list[dict[str, Any]] = []
    metrics: list[dict[str, Any]] = []
    for stage, columns in STAGES.items():
        frame = engine.query(
            f"select video_id, is_claim, split, {', '.join(columns)} from {contract.relation('video_features')} "
            "where is_claim is not null order by video_id"
        ).to_pandas()
        train, test = frame[frame["split"] != "test"], frame[frame["split"] == "test"]
        if train["is_claim"].nunique() < 2 or test["is_claim"].nunique() < 2:
            raise DataError("The labelled videos are of one class, or too few: nothing can be learned from them.")
        label = train["is_claim"].astype(bool)
        model = build_pipeline(columns).fit(train[list(columns)], label)
        out_of_fold = cross_val_predict(
            build_pipeline(columns), train[list(columns)], label, cv=5, method="predict_proba"
        )[:, 1]
        data_hash = hashlib.md5(frame.to_csv(index=False).encode(), usedforsecurity=False).hexdigest()
        identity = json.dumps([data_hash, code_version(), stage, PARAMETERS], sort_keys=True)
        run_id = hashlib.md5(identity.encode(), usedforsecurity=False).hexdigest()
        skops.io.dump(model, models / f"{stage}.skops")
        fold = train[["video_id"]].assign(claim_probability=out_of_fold)
        fold.to_parquet(models / f"{stage}_out_of_fold.parquet", index=False)
        probability = claim_probability(model, test[list(columns)])
        runs.append(
            {
                "model_run_id": run_id,
                "stage": stage,
                "model_name": "random_forest",
                "data_hash": data_hash,
                "code_version": code_version(),
                "library_versions": json.dumps({name: version(name) for name in LIBRARIES}),
                "features": json.dumps(columns),
                "parameters": json.dumps(PARAMETERS, sort_keys=True),
                "train_count": len(train),
                "decision_threshold": 0.5,
            }
        )
        metrics.extend(
            {
                "model_run_id": run_id,
                "stage": stage,
                "model_name": "random_forest",
                "evaluation": "test",
                "slice": "all",
                "metric": name,
                "metric_value": float(value),
                "observation_count": len(test),
            }
            for name, value in _measures(test["is_claim"].to_numpy(bool), probability).items()
        )
    engine.write(contract.from_rows(runs, "model_runs"), "model_runs")
    engine.write(contract.from_rows(metrics, "model_metrics"), "model_metrics")
    return list(STAGES)


def _measures(label: np.ndarray, probability: np.ndarray) -> dict[str, float]:
    return {
        "accuracy": accuracy_score(label, probability >= 0.5),
        "roc_auc": roc_auc_score(label, probability),
        "average_precision": average_precision_score(label, probability),
    }
