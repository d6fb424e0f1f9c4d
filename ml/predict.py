"""`claims predict`: scores every current video in Arrow batches and writes `ml.claim_predictions`."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from threadpoolctl import threadpool_limits

from ml.classifier import gate, registry
from ml.classifier.feature_sets import SOURCE
from ml.classifier.registry import SavedModel
from ml.classifier.thresholds import decide
from warehouse import contract
from warehouse.errors import DataError
from warehouse.protocol import BatchFunction, Engine

INTO = "claim_predictions"


def run(engine: Engine, models: Path, threads: int) -> int:
    """Score every current video by the most complete feature set whose features it has, once the gate has passed.

    Args:
        engine: The working warehouse.
        models: Folder that `claims train` has written.
        threads: Batches scored at once; the result does not depend on it.

    Returns:
        The number of videos scored.

    Raises:
        DataError: No model fits, one does not repeat its held-out scores, or the gate refuses one.
    """
    loaded = registry.load_all(models)
    gate.check(engine)
    _require_repeated(engine, loaded)
    _check_tables(engine, loaded)
    return score_all(engine, loaded, threads)


def score_all(engine: Engine, models: Sequence[SavedModel], threads: int) -> int:
    """Score every current video by the first model whose features it has, a few batches in memory at a time.

    Args:
        engine: The working warehouse.
        models: From the most complete feature set to the least.
        threads: Batches scored at once.

    Returns:
        The number of videos scored.
    """
    score = batch_function(models, out_of_fold(engine), threads)
    columns = ", ".join(("video_id", *dict.fromkeys(name for model in models for name in model.feature_set.columns)))
    schema = contract.arrow_schema(INTO)
    with threadpool_limits(1):
        return engine.map_batches(f"select {columns} from {contract.relation(SOURCE)}", score, schema, INTO)


def out_of_fold(engine: Engine) -> dict[str, pd.Series]:
    """Probability of each training video by the fold that did not see it: by feature set, then by video_id.

    Bounded by the training sample.
    """
    frame = engine.query(
        f"select feature_set, video_id, claim_probability from {contract.relation('held_out_predictions')} "
        "where is_out_of_fold"
    ).to_pandas()
    return {
        str(name): pd.Series(part["claim_probability"].to_numpy(), index=part["video_id"].to_numpy()).sort_index()
        for name, part in frame.groupby("feature_set")
    }


def batch_function(models: Sequence[SavedModel], folds: dict[str, pd.Series], threads: int) -> BatchFunction:
    """The function that `map_batches` streams every video through.

    Args:
        models: From the most complete feature set to the least.
        folds: As from `out_of_fold`.
        threads: Batches scored at once. Each is scored by one thread, so that sums have one order.

    Returns:
        Arrow batches of features to Arrow batches of predictions, in the same order; a few batches in memory at a time.
    """

    def score(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        with ThreadPoolExecutor(threads) as pool:
            waiting: deque[Future[pa.RecordBatch]] = deque()
            for batch in batches:
                waiting.append(pool.submit(score_batch, models, folds, batch))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    return score


def score_batch(models: Sequence[SavedModel], folds: dict[str, pd.Series], batch: pa.RecordBatch) -> pa.RecordBatch:
    """Score one batch: every row by the first model whose features it has.

    Args:
        models: From the most complete feature set to the least.
        folds: As from `out_of_fold`.
        batch: video_id and every feature.

    Returns:
        Rows of `ml.claim_predictions`, in the batch's order.
    """
    if not batch.num_rows:
        return pa.RecordBatch.from_pylist([], schema=contract.arrow_schema(INTO))
    frame = batch.to_pandas()
    is_open = np.ones(len(frame), dtype=bool)
    scored: list[pa.RecordBatch] = []
    places: list[np.ndarray] = []
    for model in models:
        is_mine = is_open & frame[list(model.feature_set.required)].notna().all(axis=1).to_numpy(bool)
        if is_mine.any():
            is_open &= ~is_mine
            scored.append(_score_rows(model, frame if is_mine.all() else frame[is_mine], folds))
            places.append(np.flatnonzero(is_mine))
    if is_open.any():
        missing = frame.loc[is_open, "video_id"].iloc[0]
        raise DataError(
            f"Video {missing} lacks even {', '.join(models[-1].feature_set.required)}: no feature set can score it."
        )
    return pa.concat_batches(scored).take(pa.array(np.argsort(np.concatenate(places))))


def _score_rows(model: SavedModel, rows: pd.DataFrame, folds: dict[str, pd.Series]) -> pa.RecordBatch:
    used, manifest = model.feature_set, model.manifest
    features = rows[list(used.columns)]
    probability = np.asarray(model.estimator.predict_proba(features)[:, 1], dtype=float)
    is_out_of_fold = np.zeros(len(rows), dtype=bool)
    if used.name in folds:
        known = folds[used.name]
        position = known.index.get_indexer(pd.Index(rows["video_id"]))
        is_out_of_fold = position >= 0
        probability[is_out_of_fold] = known.to_numpy()[position[is_out_of_fold]]
    decision = decide(probability, manifest.decision_threshold, manifest.band)
    columns = {
        "video_id": rows["video_id"].to_numpy(),
        "model_run_id": pa.repeat(manifest.model_run_id, len(rows)),
        "feature_set": pa.repeat(used.name, len(rows)),
        "claim_probability": probability,
        "decision": decision if used.decides else pa.repeat("needs_review", len(rows)),
        "baseline_decision": np.where(model.rule.predict(features), "claim", "opinion"),
        "is_out_of_fold": is_out_of_fold,
    }
    return pa.RecordBatch.from_pydict(columns, schema=contract.arrow_schema(INTO))


def _require_repeated(engine: Engine, models: Sequence[SavedModel]) -> None:
    """A model that does not say what it said on the day it was fitted is not believed."""
    for model in models:
        if ids := ", ".join(str(score.video_id) for score in model.manifest.held_out_scores):
            columns = ", ".join(("video_id", *model.feature_set.columns))
            rows = engine.query(f"select {columns} from {contract.relation(SOURCE)} where video_id in ({ids})")
            registry.require_repeated(model, rows.to_pandas())


def _check_tables(engine: Engine, models: Sequence[SavedModel]) -> None:
    """The files and the tables must speak of the same models."""
    written = engine.query(f"select model_run_id from {contract.relation('model_runs')}").column(0).to_pylist()
    strangers = [model.feature_set.name for model in models if model.manifest.model_run_id not in set(written)]
    if strangers:
        raise DataError(
            f"The models for {', '.join(strangers)} are not those in {contract.relation('model_runs')}. "
            "Run `claims train` to bring files and tables together."
        )
