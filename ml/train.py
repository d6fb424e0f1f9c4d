"""`claims train`: fits and measures every stage's models, writes the result tables, saves the random forests."""

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ml.classifier import model_card, registry, robustness
from ml.classifier.comparison import (
    FOREST,
    RULE,
    Row,
    calibration_rows,
    champion,
    compare,
    compare_rungs,
    comparison_row,
    decision_rows,
    fit_rungs,
    forest_sentence,
    metric_rows,
    probabilities,
    rung_number,
)
from ml.classifier.feature_sets import SOURCE, Stage, stages
from ml.classifier.forest import FITS, FittedForest, Parts, claim_probability, fit_forest, labels, split_parts
from ml.classifier.importance import importance_rows
from ml.classifier.pipelines import FOREST as FOREST_SETTINGS
from ml.classifier.pipelines import RUNGS
from ml.classifier.thresholds import Costs
from ml.parallel import in_parallel
from warehouse import contract
from warehouse.errors import DataError
from warehouse.progress import Pieces, Report
from warehouse.protocol import Engine
from warehouse.sampling import hashed_sample
from warehouse.settings import Settings, code_version

TABLES = (
    "model_runs",
    "model_metrics",
    "model_comparisons",
    "model_calibration",
    "feature_importance",
    "held_out_predictions",
)


PIECES = len(stages()) * (FITS + len(RUNGS))
"""Of work that training reports: every fit, and the measures of each stage in place of the last rung's."""


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
    """Fit, measure and save the models of every stage; nothing is done twice for the same data and code.

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
        is_audited = robustness.is_current(engine, labelled.data_hash)
        pieces = (0 if is_current else PIECES) + (0 if is_audited else robustness.piece_count(settings))
        counted = Pieces(pieces, progress)
        if not is_current:
            _fit_all(engine, settings, labelled, costs, counted)
        if not is_audited:
            rows = robustness.audit(engine, labelled.frame, settings, counted)
            identity = {"data_hash": labelled.data_hash, "code_version": code_version()}
            engine.write(contract.from_rows([{**row, **identity} for row in rows], "honesty_audits"), "honesty_audits")
    forests = engine.query(
        f"select stage, is_champion from {contract.relation('model_runs')} where is_written_back"
    ).to_pylist()
    count = len(stages()) * len(RUNGS)
    earned = sum(row["is_champion"] for row in forests)
    done = (
        "unchanged since the last training"
        if is_current
        else f"fitted on {labelled.total:,} labelled videos or a sample"
    )
    return Outcome(count, f"{count} models of {len(forests)} stages {done}; the random forest is champion in {earned}")


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
    columns = ", ".join(dict.fromkeys(name for stage in stages() for name in stage.columns))
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


def run_id(data_hash: str, stage: str, rung: str, costs: Costs) -> str:
    """Id of a fitted model: the same data, code, libraries and costs give the same one."""
    identity = [data_hash, code_version(), registry.library_versions(), stage, rung, [float(cost) for cost in costs]]
    return hashlib.md5(json.dumps(identity, sort_keys=True).encode(), usedforsecurity=False).hexdigest()


def _is_current(engine: Engine, models: Path, labelled: Labelled, costs: Costs) -> bool:
    """Whether tables and files hold the models of exactly this data, code and set of costs."""
    expected = {run_id(labelled.data_hash, stage.name, rung, costs) for stage in stages() for rung in RUNGS}
    written = engine.query(f"select model_run_id from {contract.relation('model_runs')}").column(0).to_pylist()
    for stage in stages():
        manifest = registry.read_manifest(models, stage.name)
        is_saved = manifest is not None and (models / f"{stage.name}.skops").exists()
        if manifest is None or not is_saved or manifest.model_run_id not in expected:
            return False
    return set(written) == expected


def _fit_all(engine: Engine, settings: Settings, labelled: Labelled, costs: Costs, progress: Report) -> None:
    # Everything that can be refused is refused before the first fit.
    parts = {stage: split_parts(labelled.frame, stage) for stage in stages()}
    fits = [partial(_fit_stage, stage, part, settings, costs, progress) for stage, part in parts.items()]
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    for stage, (forest, rule, found) in zip(parts, in_parallel(fits, settings.threads), strict=True):
        ids = {rung: run_id(labelled.data_hash, stage.name, rung, costs) for rung in RUNGS}
        for name, found_rows in found.items():
            for row in found_rows:
                rung = row.get("model_name", FOREST)
                rows[name].append({"model_run_id": ids[rung], "stage": stage.name, **row})
        for run_row in rows["model_runs"][-len(RUNGS) :]:
            run_row |= {"data_hash": labelled.data_hash, "labelled_count": labelled.total}
        _save(settings.models, forest, rule, rows, ids)
    for name, found_rows in rows.items():
        engine.write(contract.from_rows(found_rows, name), name)


def _fit_stage(
    stage: Stage, parts: Parts, settings: Settings, costs: Costs, progress: Report
) -> tuple[FittedForest, Any, dict[str, list[Row]]]:
    """The random forest of a stage, its one-line rule, and its rows by table."""
    # The stages share the threads.
    forest = fit_forest(parts, stage, costs, max(1, settings.threads // len(stages())), progress)
    models = {**fit_rungs(parts, stage, progress), FOREST: forest.estimator}
    progress(f"{stage.name}: measures")
    return forest, models[RULE], _results(parts, forest, models, settings, costs)


def _results(
    parts: Parts, forest: FittedForest, models: dict[str, Any], settings: Settings, costs: Costs
) -> dict[str, list[Row]]:
    """Every result row of one stage, by table."""
    stage, label = forest.stage, labels(parts.test)
    by_rung = probabilities(models, parts.test, stage)
    best = champion(label, by_rung)
    metrics = [
        row for rung, values in by_rung.items() for row in metric_rows(rung, "test", parts.test, values, is_sliced=True)
    ]
    metrics += decision_rows(parts.test, by_rung[FOREST], forest.threshold, forest.band, costs)
    validation = claim_probability(forest.estimator, parts.validation, stage)
    metrics += metric_rows(FOREST, "validation", parts.validation, validation)
    metrics += metric_rows(FOREST, "cross_validation", parts.train, forest.out_of_fold)
    comparisons = compare_rungs(label, by_rung)
    comparisons += _against_release(settings.current / "models", parts.test, stage, by_rung[FOREST])
    held_out = [
        *_held_out(parts.train, forest.out_of_fold, is_out_of_fold=True),
        *_held_out(parts.validation, validation, is_out_of_fold=False),
        *_held_out(parts.test, by_rung[FOREST], is_out_of_fold=False),
    ]
    return {
        "model_runs": [_run_row(rung, models[rung], forest, parts, best, costs, by_rung) for rung in RUNGS],
        "model_metrics": metrics,
        "model_comparisons": comparisons,
        "model_calibration": calibration_rows(parts.test, by_rung[FOREST]),
        "feature_importance": importance_rows(forest.estimator, parts.test, stage),
        "held_out_predictions": held_out,
    }


def _run_row(
    rung: str,
    model: Any,
    forest: FittedForest,
    parts: Parts,
    best: str,
    costs: Costs,
    by_rung: dict[str, np.ndarray],
) -> Row:
    stage, label = forest.stage, labels(parts.test)
    wrong = int(((by_rung[rung] >= 0.5) != label).sum())
    row: Row = {
        "model_name": rung,
        "rung": rung_number(rung),
        "known_when": stage.known_when,
        "is_champion": rung == best,
        "is_written_back": rung == FOREST,
        "summary": f"{wrong} of {len(label):,} held-out videos wrong.",
        "code_version": code_version(),
        "library_versions": json.dumps(registry.library_versions(), sort_keys=True),
        "features": json.dumps(stage.columns),
        "parameters": json.dumps(_parameters(model), sort_keys=True),
        "is_calibrated": False,
        "train_count": len(parts.train),
        "test_count": len(parts.test),
        "train_claim_share": forest.train_claim_share,
    }
    if rung == RULE:
        row["summary"] = (
            f"Found on the training videos: {model.rule_}; {wrong} of {len(label):,} held-out videos wrong."
        )
    if rung == FOREST:
        row |= {
            "summary": forest_sentence(label, by_rung, best),
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


def _against_release(folder: Path, test: pd.DataFrame, stage: Stage, probability: np.ndarray) -> list[Row]:
    """Compare with the model of the current release on the same rows, where it still loads here."""
    try:
        released = registry.load(folder, stage.name)
    except DataError:  # no release yet, or of another version or contract, which cannot score these rows
        return []
    found = compare(labels(test), probability, claim_probability(released.estimator, test, stage))
    return [comparison_row(found, "against_release", FOREST, FOREST, "the current release's random forest")]


def _held_out(part: pd.DataFrame, probability: np.ndarray, *, is_out_of_fold: bool) -> list[Row]:
    return [
        {"video_id": int(video_id), "is_out_of_fold": is_out_of_fold, "claim_probability": float(value)}
        for video_id, value in zip(part["video_id"], probability, strict=True)
    ]


def _save(models: Path, forest: FittedForest, rule: Any, rows: dict[str, list[Row]], ids: dict[str, str]) -> None:
    stage = forest.stage
    (run_row,) = (row for row in rows["model_runs"] if row["model_run_id"] == ids[FOREST])
    manifest = registry.Manifest(
        model_run_id=ids[FOREST],
        rule_run_id=ids[RULE],
        stage=stage.name,
        data_hash=run_row["data_hash"],
        code_version=run_row["code_version"],
        library_versions=registry.library_versions(),
        features=registry.feature_types(stage),
        decision_threshold=forest.threshold,
        review_lower_bound=forest.band.lower,
        review_upper_bound=forest.band.upper,
        train_claim_share=forest.train_claim_share,
    )
    metrics = [row for row in rows["model_metrics"] if row["stage"] == stage.name]
    card = model_card.render(run_row, stage, metrics, str(rule.rule_))
    registry.save(models, registry.SavedModel(stage, forest.estimator, rule, manifest), card)
