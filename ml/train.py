"""`claims train`: fits and measures every feature set's models, writes the result tables, saves the random forests."""

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ml.classifier import registry, robustness
from ml.classifier.comparison import (
    Row,
    calibration_rows,
    candidate_number,
    champion,
    compare,
    compare_candidates,
    comparison_row,
    decision_rows,
    fit_candidates,
    metric_rows,
    probabilities,
)
from ml.classifier.feature_sets import SOURCE, FeatureSet, feature_sets
from ml.classifier.forest import FITS, FittedForest, Parts, claim_probability, fit_forest, labels, split_parts
from ml.classifier.importance import importance_rows
from ml.classifier.pipelines import CANDIDATES, FOREST, FOREST_SETTINGS, RULE
from ml.classifier.thresholds import Costs
from ml.parallel import in_parallel
from warehouse import contract
from warehouse.errors import DataError
from warehouse.progress import Pieces, Report
from warehouse.protocol import Engine
from warehouse.sampling import hashed_sample
from warehouse.settings import Settings, code_version
from wording import claim_results, model_card

TABLES = (
    "model_runs",
    "model_metrics",
    "model_comparisons",
    "model_calibration",
    "feature_importance",
    "held_out_predictions",
)


PIECES = len(feature_sets()) * (FITS + len(CANDIDATES))
"""Of work that training reports: every fit, and the measures of each feature set in place of the last candidate's."""


class Labelled(NamedTuple):
    """The labelled videos that training reads."""

    frame: pd.DataFrame
    total: int
    """Labelled videos in the warehouse; the frame is a hashed sample of them when there are more than the limit."""
    data_hash: str


class Outcome(NamedTuple):
    """What `claims train` did."""

    model_count: int
    sentence: str


def run(engine: Engine, settings: Settings, progress: Report) -> Outcome:
    """Fit, measure and save the models of every feature set; nothing is done twice for the same data and code.

    Args:
        engine: The working warehouse.
        settings: Sample size, costs, threads and folders.
        progress: Receives one short line per piece of work.

    Returns:
        How many models stand in the tables, and one sentence about them.

    Raises:
        DataError: The labelled videos do not suffice.
    """
    progress("reading the labelled videos")
    labelled = read_labelled(engine, settings.training_rows)
    costs = Costs(settings.missed_claim_cost, settings.wasted_review_cost)
    # BLAS and OpenMP split sums by thread, so that the last bits would depend on the machine's load.
    with threadpool_limits(1):
        is_current = _is_current(engine, settings.models, labelled, costs)
        is_checked = robustness.is_current(engine, labelled.data_hash)
        pieces = (0 if is_current else PIECES) + (0 if is_checked else robustness.piece_count(settings))
        counted = Pieces(pieces, progress)
        if not is_current:
            _fit_all(engine, settings, labelled, costs, counted)
        if not is_checked:
            rows = robustness.check_all(engine, labelled.frame, settings, counted)
            identity = {"data_hash": labelled.data_hash, "code_version": code_version()}
            engine.write(
                contract.from_rows(
                    [{**row, **identity, "sentence": claim_results.robustness(row)} for row in rows],
                    "robustness_checks",
                ),
                "robustness_checks",
            )
    forests = engine.query(
        f"select feature_set, is_champion from {contract.relation('model_runs')} where is_written_back"
    ).to_pylist()
    count = len(feature_sets()) * len(CANDIDATES)
    earned = sum(row["is_champion"] for row in forests)
    done = (
        "unchanged since the last training"
        if is_current
        else f"fitted on {labelled.total:,} labelled videos or a sample"
    )
    return Outcome(
        count, f"{count} models of {len(forests)} feature sets {done}; the random forest is champion in {earned}"
    )


def read_labelled(engine: Engine, limit: int) -> Labelled:
    """Read the labelled videos, or a sample of them that depends on their ids alone.

    Args:
        engine: The working warehouse.
        limit: Rows at most.

    Returns:
        The rows in an order that has nothing to do with the file's.

    Raises:
        DataError: No video is labelled.
    """
    columns = ", ".join(dict.fromkeys(name for feature_set in feature_sets() for name in feature_set.columns))
    relation = contract.relation(SOURCE)
    total = engine.query(f"select count(*) as row_count from {relation} where is_claim is not null").to_pylist()[0][
        "row_count"
    ]
    if total == 0:
        raise DataError(
            "No video is labelled claim or opinion: there is nothing to learn from. Deliver labelled videos."
        )
    # Not the hash that makes the split: its smallest values are all in one part.
    frame = engine.query(
        hashed_sample(
            f"video_id, is_claim, split, {columns}",
            relation,
            limit,
            total,
            where="is_claim is not null",
            salt="sample ",
        )
    ).to_pandas()
    digest = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return Labelled(frame, int(total), hashlib.md5(digest.tobytes(), usedforsecurity=False).hexdigest())


def run_id(data_hash: str, feature_set: str, candidate: str, costs: Costs) -> str:
    """Id of a fitted model: the same data, code, libraries and costs give the same one."""
    identity = [
        data_hash,
        code_version(),
        registry.library_versions(),
        feature_set,
        candidate,
        [float(cost) for cost in costs],
    ]
    return hashlib.md5(json.dumps(identity, sort_keys=True).encode(), usedforsecurity=False).hexdigest()


def _is_current(engine: Engine, models: Path, labelled: Labelled, costs: Costs) -> bool:
    """Whether tables and files hold the models of exactly this data, code and set of costs."""
    expected = {
        run_id(labelled.data_hash, feature_set.name, candidate, costs)
        for feature_set in feature_sets()
        for candidate in CANDIDATES
    }
    written = engine.query(f"select model_run_id from {contract.relation('model_runs')}").column(0).to_pylist()
    for feature_set in feature_sets():
        name = feature_set.name
        manifest = registry.read_manifest(models, name)
        if manifest is None or manifest.model_run_id not in expected or not registry.is_whole(models, name):
            return False
    return set(written) == expected


def _fit_all(engine: Engine, settings: Settings, labelled: Labelled, costs: Costs, progress: Report) -> None:
    # Everything that can be refused is refused before the first fit.
    parts = {feature_set: split_parts(labelled.frame, feature_set) for feature_set in feature_sets()}
    fits = [
        partial(_fit_feature_set, feature_set, part, settings, costs, progress) for feature_set, part in parts.items()
    ]
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    for feature_set, (forest, rule, found) in zip(parts, in_parallel(fits, settings.threads), strict=True):
        ids = {candidate: run_id(labelled.data_hash, feature_set.name, candidate, costs) for candidate in CANDIDATES}
        for name, found_rows in found.items():
            for row in found_rows:
                candidate = row.get("model_name", FOREST)
                rows[name].append({"model_run_id": ids[candidate], "feature_set": feature_set.name, **row})
        for run_row in rows["model_runs"][-len(CANDIDATES) :]:
            run_row |= {"data_hash": labelled.data_hash, "labelled_count": labelled.total}
        _say(feature_set.name, rows)
        _save(models=settings.models, forest=forest, rule=rule, test=parts[feature_set].test, rows=rows, ids=ids)
    for name, found_rows in rows.items():
        engine.write(contract.from_rows(found_rows, name), name)


def _say(feature_set: str, rows: dict[str, list[Row]]) -> None:
    """Put the sentences of one feature set's runs and comparisons beside their numbers."""
    runs, metrics, comparisons = (
        [row for row in rows[table] if row["feature_set"] == feature_set]
        for table in ("model_runs", "model_metrics", "model_comparisons")
    )
    for row in comparisons:
        row["sentence"] = claim_results.comparison(row)
    for run in runs:
        run["summary"] = claim_results.run_summary(run, runs, metrics, comparisons)


def _fit_feature_set(
    feature_set: FeatureSet, parts: Parts, settings: Settings, costs: Costs, progress: Report
) -> tuple[FittedForest, Any, dict[str, list[Row]]]:
    """The random forest of a feature set, its one-line rule, and its rows by table."""
    # The feature sets share the threads.
    forest = fit_forest(parts, feature_set, costs, max(1, settings.threads // len(feature_sets())), progress)
    models = {**fit_candidates(parts, feature_set, progress), FOREST: forest.estimator}
    progress(f"{feature_set.name}: measures")
    return forest, models[RULE], _results(parts, forest, models, settings, costs)


def _results(
    parts: Parts, forest: FittedForest, models: dict[str, Any], settings: Settings, costs: Costs
) -> dict[str, list[Row]]:
    """Every result row of one feature set, by table."""
    feature_set, label = forest.feature_set, labels(parts.test)
    by_candidate = probabilities(models, parts.test, feature_set)
    best = champion(label, by_candidate)
    metrics = [
        row
        for candidate, values in by_candidate.items()
        for row in metric_rows(candidate, "test", parts.test, values, is_sliced=True)
    ]
    metrics += decision_rows(parts.test, by_candidate[FOREST], forest.threshold, forest.band, costs)
    validation = claim_probability(forest.estimator, parts.validation, feature_set)
    metrics += metric_rows(FOREST, "validation", parts.validation, validation)
    metrics += metric_rows(FOREST, "cross_validation", parts.train, forest.out_of_fold)
    comparisons = compare_candidates(label, by_candidate)
    comparisons += _against_release(settings.current / "models", parts.test, feature_set, by_candidate[FOREST])
    held_out = [
        *_held_out(parts.train, forest.out_of_fold, is_out_of_fold=True),
        *_held_out(parts.validation, validation, is_out_of_fold=False),
        *_held_out(parts.test, by_candidate[FOREST], is_out_of_fold=False),
    ]
    return {
        "model_runs": [
            _run_row(candidate=candidate, model=models[candidate], forest=forest, parts=parts, best=best, costs=costs)
            for candidate in CANDIDATES
        ],
        "model_metrics": metrics,
        "model_comparisons": comparisons,
        "model_calibration": calibration_rows(parts.test, by_candidate[FOREST]),
        "feature_importance": importance_rows(forest.estimator, parts.test, feature_set),
        "held_out_predictions": held_out,
    }


def _run_row(
    candidate: str,
    model: Any,
    forest: FittedForest,
    parts: Parts,
    best: str,
    costs: Costs,
) -> Row:
    feature_set = forest.feature_set
    row: Row = {
        "model_name": candidate,
        "candidate": candidate_number(candidate),
        "known_when": feature_set.known_when,
        "is_champion": candidate == best,
        "is_written_back": candidate == FOREST,
        "code_version": code_version(),
        "library_versions": json.dumps(registry.library_versions(), sort_keys=True),
        "features": json.dumps(feature_set.columns),
        "parameters": json.dumps(_parameters(model), sort_keys=True),
        "is_calibrated": False,
        "train_count": len(parts.train),
        "test_count": len(parts.test),
        "train_claim_share": forest.train_claim_share,
    }
    if candidate == FOREST:
        row |= {
            "parameters": json.dumps({**FOREST_SETTINGS, **forest.parameters}, sort_keys=True),
            "is_calibrated": forest.is_calibrated,
            "decision_threshold": forest.threshold,
            "review_lower_bound": forest.band.lower,
            "review_upper_bound": forest.band.upper,
            "missed_claim_cost": costs.missed_claim,
            "wasted_review_cost": costs.wasted_review,
        }
    return row


def _parameters(model: Any) -> dict[str, Any]:
    """The parameters of the classifier itself, without the encoders before it."""
    if hasattr(model, "rule_"):
        return {name: value for name, value in model.rule_._asdict().items() if name != "right_count"}
    estimator = model.named_steps["model"] if hasattr(model, "named_steps") else model
    simple = (str, int, float, bool, type(None))
    return {
        name: value for name, value in getattr(estimator, "get_params", dict)().items() if isinstance(value, simple)
    }


def _against_release(folder: Path, test: pd.DataFrame, feature_set: FeatureSet, probability: np.ndarray) -> list[Row]:
    """Compare with the model of the current release on the same rows, where it still loads here."""
    try:
        released = registry.load(folder, feature_set.name)
    except DataError:  # no release yet, or of another version or contract, which cannot score these rows
        return []
    found = compare(labels(test), probability, claim_probability(released.estimator, test, feature_set))
    return [comparison_row(found, "against_release", FOREST, FOREST)]


def _held_out(part: pd.DataFrame, probability: np.ndarray, *, is_out_of_fold: bool) -> list[Row]:
    return [
        {"video_id": int(video_id), "is_out_of_fold": is_out_of_fold, "claim_probability": float(value)}
        for video_id, value in zip(part["video_id"], probability, strict=True)
    ]


def _save(
    models: Path,
    forest: FittedForest,
    rule: Any,
    test: pd.DataFrame,
    rows: dict[str, list[Row]],
    ids: dict[str, str],
) -> None:
    feature_set, test = forest.feature_set, test.head(registry.REPEATED)
    runs = {row["model_run_id"]: row for row in rows["model_runs"]}
    run_row, rule_row = runs[ids[FOREST]], runs[ids[RULE]]
    manifest = registry.Manifest(
        model_run_id=ids[FOREST],
        rule_run_id=ids[RULE],
        feature_set=feature_set.name,
        data_hash=run_row["data_hash"],
        code_version=run_row["code_version"],
        library_versions=registry.library_versions(),
        features=registry.feature_types(feature_set),
        decision_threshold=forest.threshold,
        review_lower_bound=forest.band.lower,
        review_upper_bound=forest.band.upper,
        train_claim_share=forest.train_claim_share,
        held_out_scores=registry.held_out_scores(
            test, claim_probability(forest.estimator, test, feature_set), feature_set
        ),
    )
    metrics = [row for row in rows["model_metrics"] if row["feature_set"] == feature_set.name]
    card = model_card.card(run_row, rule_row, metrics, decides=feature_set.decides)
    registry.save(models, registry.SavedModel(feature_set, forest.estimator, rule, manifest), card)
