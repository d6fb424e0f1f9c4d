"""`claims predict`: scores every current video in Arrow batches and writes `ml.claim_predictions`."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from threadpoolctl import threadpool_limits

from ml.classifier import decisions, drift, gate, registry, score_monitor
from ml.classifier.decisions import IS_UNLIKE, matrix_rows
from ml.classifier.feature_sets import SOURCE, feature_columns
from ml.classifier.forest import claim_probability
from ml.classifier.novelty import is_young
from ml.classifier.registry import SavedModel
from ml.classifier.score_monitor import INTO as HISTORY
from ml.classifier.thresholds import Costs
from warehouse import contract
from warehouse.errors import DataError
from warehouse.protocol import BatchFunction, Engine
from warehouse.settings import Settings

INTO, WRITTEN = "claim_predictions", "written_decisions"
PROBABILITIES = ("claim_probability", "champion_probability")


class Outcome(NamedTuple):
    """What `claims predict` did."""

    scored_count: int
    """The others, and all of them where no model stands, are left to people."""
    drift: list[drift.Drift]


def run(engine: Engine, settings: Settings, release_number: int = 1) -> Outcome:
    """Score every current video by the most complete feature set whose features it has, once the gate has passed.

    Args:
        engine: The working warehouse.
        settings: The folder that `claims train` has written, threads (the result does not depend on them), costs.
        release_number: Of the release that the scores are for.

    Returns:
        How many videos were scored, and how each delivery compares with those that the models learned from.

    Raises:
        DataError: A model does not load or does not repeat its held-out scores, or the gate refuses one.
    """
    loaded = registry.load_all(settings.models)
    gate.check(engine)
    _require_repeated(engine, loaded)
    _check_tables(engine, loaded)
    least = [model.manifest.least_view_count for model in loaded if model.manifest.least_view_count is not None]
    found = drift.measure(engine, min(least, default=None))
    engine.write(contract.from_rows([one.row() for one in found], drift.INTO), drift.INTO)
    count = score_all(engine, loaded, settings.threads)
    engine.write(contract.from_rows(score_monitor.history(engine, release_number), HISTORY), HISTORY)
    held_out = engine.query(
        "select features.is_claim, features.verified_status, features.author_ban_status, predictions.decision "
        f"from {contract.relation(SOURCE)} as features "
        f"inner join {contract.relation(INTO)} as predictions on features.video_id = predictions.video_id "
        "where features.split = 'test' and features.is_claim is not null"
    ).to_pandas()
    costs = Costs(settings.missed_claim_cost, settings.wasted_review_cost)
    rows = matrix_rows(held_out, costs) if len(held_out) else []
    engine.write(contract.from_rows(rows, WRITTEN), WRITTEN)
    return Outcome(count, found)


def score_all(engine: Engine, models: Sequence[SavedModel], threads: int) -> int:
    """Score every current video by the first model whose features it has, a few batches in memory at a time.

    Args:
        engine: The working warehouse, its deliveries compared.
        models: From the most complete feature set to the least.
        threads: Batches scored at once.

    Returns:
        The number of videos scored.
    """
    if not models:
        engine.write(contract.empty(INTO), INTO)
        return 0
    score = batch_function(models, out_of_fold(engine), threads)
    with threadpool_limits(1):
        return engine.map_batches(asked(engine), score, contract.arrow_schema(INTO), INTO)


def asked(engine: Engine) -> str:
    """What a decision is made of, as a query: every current video's features, and whether its delivery is unlike.

    Args:
        engine: With the deliveries compared.

    Returns:
        A SELECT of video_id, every feature and, where a delivery is unlike the others, `IS_UNLIKE`: true for the
        videos without a label of such deliveries.
    """
    columns = ", ".join(f"features.{name}" for name in ("video_id", *feature_columns()))
    source = f"from {contract.relation(SOURCE)} as features"
    if not (unlike := drift.unlike_deliveries(engine)):
        return f"select {columns} {source}"
    return (
        f"select {columns}, "
        f"features.is_claim is null and videos.delivery_number in ({', '.join(map(str, unlike))}) as {IS_UNLIKE} "
        f"{source} inner join {contract.relation('fct_videos')} as videos on features.video_id = videos.video_id"
    )


def out_of_fold(engine: Engine) -> dict[str, pd.DataFrame]:
    """Probabilities of each training video by trees or folds that did not see it: by feature set, then by video_id.

    Bounded by the training sample.
    """
    frame = engine.query(
        "select feature_set, video_id, claim_probability, champion_probability "
        f"from {contract.relation('held_out_predictions')} where is_out_of_fold"
    ).to_pandas()
    return {
        str(name): part.set_index("video_id")[list(PROBABILITIES)].sort_index()
        for name, part in frame.groupby("feature_set")
    }


def batch_function(models: Sequence[SavedModel], folds: dict[str, pd.DataFrame], threads: int) -> BatchFunction:
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


def score_batch(models: Sequence[SavedModel], folds: dict[str, pd.DataFrame], batch: pa.RecordBatch) -> pa.RecordBatch:
    """Score one batch: every row by the first model whose features it has, and whose counts are not too young.

    Args:
        models: From the most complete feature set to the least.
        folds: As from `out_of_fold`.
        batch: video_id and every feature.

    Returns:
        Rows of `ml.claim_predictions`, in the batch's order; a row that no model can score is left out.
    """
    if not batch.num_rows:
        return _none()
    frame = batch.to_pandas()
    is_open = np.ones(len(frame), dtype=bool)
    scored: list[pa.RecordBatch] = []
    places: list[np.ndarray] = []
    for model in models:
        is_mine = is_open & frame[list(model.feature_set.required)].notna().all(axis=1).to_numpy(bool)
        is_mine &= ~is_young(frame, model.manifest.least_view_count)
        if is_mine.any():
            is_open &= ~is_mine
            scored.append(_score_rows(model, frame if is_mine.all() else frame[is_mine], folds))
            places.append(np.flatnonzero(is_mine))
    if not scored:
        return _none()
    return pa.concat_batches(scored).take(pa.array(np.argsort(np.concatenate(places))))


def _none() -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema=contract.arrow_schema(INTO))


def _score_rows(model: SavedModel, rows: pd.DataFrame, folds: dict[str, pd.DataFrame]) -> pa.RecordBatch:
    used, manifest = model.feature_set, model.manifest
    features = rows[list(used.columns)]
    probability = claim_probability(model.estimator, rows, used)
    disputed = (
        probability.copy() if model.champion is model.estimator else claim_probability(model.champion, rows, used)
    )
    is_out_of_fold = np.zeros(len(rows), dtype=bool)
    if used.name in folds:
        known = folds[used.name]
        position = known.index.get_indexer(pd.Index(rows["video_id"]))
        is_out_of_fold = position >= 0
        probability[is_out_of_fold], disputed[is_out_of_fold] = known.to_numpy()[position[is_out_of_fold]].T
    written = decisions.write(rows, probability, disputed, feature_set=used, known=model.known, band=manifest.band)
    columns = {
        "video_id": rows["video_id"].to_numpy(),
        "model_run_id": pa.repeat(manifest.model_run_id, len(rows)),
        "feature_set": pa.repeat(used.name, len(rows)),
        "claim_probability": probability,
        "champion_probability": disputed,
        "decision": written.decision,
        "decision_reason": written.reason,
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
