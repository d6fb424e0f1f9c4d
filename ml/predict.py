"""`claims predict`: scores every current video in Arrow batches and writes `ml.claim_predictions`."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import skops.io

from ml.classifier import STAGES, claim_probability
from warehouse import contract
from warehouse.engine import Engine
from warehouse.errors import DataError

# From the most complete stage to the least.
ORDER = ("engagement", "metadata")
RULE_VIEWS = 10_000
# The node arrays of our own trees; skops refuses every other type that is not on its list.
TRUSTED_TYPES = ("sklearn.tree._tree.Tree",)


def run(engine: Engine, models: Path) -> int:
    """Score every current video by the most complete stage whose features it has.

    Args:
        engine: The working warehouse.
        models: Folder that `claims train` has written.

    Returns:
        The number of videos scored.

    Raises:
        DataError: No model has been trained.
    """
    if not all((models / f"{stage}.skops").exists() for stage in ORDER):
        raise DataError("There is no trained model. Run `claims train` first.")
    fitted = {stage: skops.io.load(models / f"{stage}.skops", trusted=list(TRUSTED_TYPES)) for stage in ORDER}
    folds = {
        stage: pd.read_parquet(models / f"{stage}_out_of_fold.parquet").set_index("video_id")["claim_probability"]
        for stage in ORDER
    }
    runs = engine.query(f"select stage, model_run_id from {contract.relation('model_runs')}").to_pylist()
    run_ids = {row["stage"]: row["model_run_id"] for row in runs}
    schema = contract.arrow_schema("claim_predictions")

    def score(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            frame = batch.to_pandas()
            has_counts = frame["video_view_count"].notna()
            stage = pd.Series(np.where(has_counts, "engagement", "metadata"))
            probability = pd.Series(0.0, index=frame.index)
            out_of_fold = pd.Series(False, index=frame.index)
            for name in ORDER:
                rows = stage == name
                if rows.any():
                    probability[rows] = claim_probability(fitted[name], frame.loc[rows, list(STAGES[name])])
                    known = frame.loc[rows, "video_id"].map(folds[name])
                    probability.update(known.dropna())
                    out_of_fold[rows] = known.notna()
            decision = np.where(~has_counts, "needs_review", np.where(probability >= 0.5, "claim", "opinion"))
            rule = np.where(frame["video_view_count"] >= RULE_VIEWS, "claim", "opinion")
            scored = pd.DataFrame(
                {
                    "video_id": frame["video_id"],
                    "model_run_id": stage.map(run_ids),
                    "stage": stage,
                    "claim_probability": probability,
                    "decision": decision,
                    "baseline_decision": pd.Series(rule).where(has_counts, None),
                    "is_out_of_fold": out_of_fold,
                }
            )
            yield pa.RecordBatch.from_pandas(scored, schema=schema, preserve_index=False)

    columns = ", ".join(("video_id", *STAGES["engagement"]))
    return engine.map_batches(
        f"select {columns} from {contract.relation('video_features')}", score, schema, "claim_predictions"
    )
