"""Scoring: every current video from the warehouse into a table, against the same pipelines on rows in memory."""

import time
from pathlib import Path
from typing import Any

from benchmarks import data
from benchmarks.contender import Timed
from benchmarks.harness import Contender, Plan, in_turn, ratio, work
from benchmarks.store import Result, as_ratio, summary
from warehouse import contract
from warehouse.duckdb_engine import BATCH_ROWS, DuckDBEngine
from warehouse.settings import Settings

# DuckDB caches what it may, up to its limit: with a small one, more memory for more rows would be the scoring's own.
SMALL_CACHE = {"CLAIMS_MEMORY_LIMIT": "200MB"}
# The bare pipeline's speed does not depend on how many chunks it is given.
BARE_ROWS = 1_000_000


# The feature set that scores nearly every video, and what is added to the names of its figures.
FEATURE_SETS = {"full": "", "engagement": ", engagement"}


def measure(plan: Plan) -> Result:
    home = str(data.finished(plan.rows))
    repeats = plan.repeats if plan.rows <= BARE_ROWS else 1
    result: Result = {"contenders": {}, "ratios": {}, "facts": {}}
    for feature_set, words in FEATURE_SETS.items():
        command = work("benchmarks.scoring:ours", home=home, feature_set=feature_set)
        ours = Contender(f"claims' scoring{words}", command, SMALL_CACHE)
        bare = Contender(
            f"bare pipeline, one thread{words}", work("benchmarks.scoring:bare", home=home, feature_set=feature_set)
        )
        samples = in_turn([ours, bare], repeats)
        mine, other = samples[ours.name], samples[bare.name]
        if {run.answer["by_feature_set"] for run in mine + other if plan.rows <= BARE_ROWS} - {
            mine[0].answer["by_feature_set"]
        }:
            raise AssertionError(f"different feature sets score the rows: {mine[0].answer} and {other[0].answer}")
        speeds = [[run.answer["rows"] / run.work_sec for run in runs] for runs in (mine, other)]
        result["contenders"] |= summary(samples, plan.rows)
        result["contenders"][bare.name]["rows_per_sec"] = round(speeds[1][0])
        result["ratios"][f"speed against the bare pipeline{words}"] = as_ratio(ratio(*speeds))
        result["facts"] |= {f"scored_by{words}": mine[0].answer["by_feature_set"], "bare_rows": other[0].answer["rows"]}
    return result


def ours(home: str, feature_set: str) -> Timed:
    """`claims predict` without dbt, by a feature set and the less complete ones: stream, score, write the table."""
    from ml import predict

    settings = Settings(home=Path(home))
    models = _models(settings, feature_set)
    with DuckDBEngine.open(settings) as engine:
        clock = time.perf_counter()
        count = predict.score_all(engine, models, settings.threads)
        seconds = time.perf_counter() - clock
        rows = engine.query(
            f"select feature_set, count(*) as row_count from {contract.relation('claim_predictions')} "  # noqa: S608
            "group by feature_set order by feature_set"
        ).to_pylist()
    return Timed(
        seconds, {"rows": count, "by_feature_set": _words({row["feature_set"]: row["row_count"] for row in rows})}
    )


def bare(home: str, feature_set: str) -> Timed:
    """Only `predict_proba`, with the same fitted pipelines, on chunks of the same size that lie in memory."""
    from threadpoolctl import threadpool_limits

    from ml.classifier.feature_sets import SOURCE

    settings = Settings(home=Path(home))
    models = _models(settings, feature_set)
    columns = ", ".join(dict.fromkeys(name for model in models for name in model.feature_set.columns))
    with DuckDBEngine.open(settings, read_only=True) as engine:
        table = engine.query(f"select {columns} from {contract.relation(SOURCE)} limit {BARE_ROWS}")  # noqa: S608
    chunks: list[tuple[Any, str, Any]] = []
    for batch in table.to_batches(max_chunksize=BATCH_ROWS):
        frame = batch.to_pandas()
        for model in models:
            has_all = frame[list(model.feature_set.required)].notna().all(axis=1)
            if has_all.any():
                chunks.append(
                    (model.estimator, model.feature_set.name, frame.loc[has_all, list(model.feature_set.columns)])
                )
            frame = frame[~has_all]
    counts: dict[str, int] = {}
    with threadpool_limits(1):
        clock = time.perf_counter()
        for estimator, name, frame in chunks:
            counts[name] = counts.get(name, 0) + len(estimator.predict_proba(frame))
        seconds = time.perf_counter() - clock
    return Timed(seconds, {"rows": sum(counts.values()), "by_feature_set": _words(counts)})


def _words(counts: dict[str, int]) -> str:
    return ", ".join(f"{feature_set} {count:,}" for feature_set, count in sorted(counts.items()))


def _models(settings: Settings, feature_set: str) -> Any:
    """The models from a feature set on: without the more complete ones it scores what they would have scored."""
    from ml.classifier import registry

    models = registry.load_all(settings.models)
    first = [model.feature_set.name for model in models].index(feature_set)
    return models[first:]
