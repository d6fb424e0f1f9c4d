"""`claims train`: fits and measures every feature set's models, writes the result tables, saves the random forests."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ml.classifier import decisions, drift, registry, released, robustness
from ml.classifier.comparison import (
    Row,
    calibration_rows,
    candidate_number,
    champion,
    compare,
    compare_candidates,
    comparison_row,
    corrected,
    decision_rows,
    fit_candidates,
    metric_rows,
    probabilities,
)
from ml.classifier.decision_rule import DecisionRule, promised_band
from ml.classifier.feature_sets import SOURCE, FeatureSet, feature_columns, feature_sets
from ml.classifier.forest import (
    FITS,
    FittedForest,
    Parts,
    claim_probability,
    fit_forest,
    labels,
    out_of_fold,
    split_parts,
)
from ml.classifier.importance import importance_rows
from ml.classifier.novelty import Known, is_young
from ml.classifier.pipelines import CANDIDATES, FOREST, FOREST_SETTINGS, RULE, build
from ml.classifier.registry import SavedModel
from ml.classifier.thresholds import Costs, Limits
from ml.classifier.youth import least_view_count
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


NEW_LABEL_SHARE = 0.02
"""New labels that are worth a new model, as a share of those that the last one was fitted on."""


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


def run(
    engine: Engine, settings: Settings, progress: Report, *, is_requested: bool = False, release: Path | None = None
) -> Outcome:
    """Fit, measure and save models where there is a reason to; else the ones at hand stay in use.

    Args:
        engine: The working warehouse.
        settings: Sample size, costs, limits, threads and folders.
        progress: Receives one short line per piece of work.
        is_requested: Fit anew, whatever has changed.
        release: Keep the models of this release instead of fitting.

    Returns:
        How many models stand in the tables, and one sentence about them. Labels that do not suffice are no error:
        then released models stay in use, or people decide.

    Raises:
        DataError: The release that was named holds no model that loads here.
    """
    progress("reading the labelled videos")
    labelled = read_labelled(engine, settings.training_rows)
    parts, refused = _trainable(labelled.frame)
    names = [used.name for used in feature_sets()]
    if release is not None:
        kept = released.loadable(release, names)
        if not kept:
            raise DataError(f"{release.name} holds no model that loads here. Run `claims train` to fit new ones.")
        _write(engine, released.keep(settings, release, kept, TABLES))
        _remove(settings.models, [name for name in names if name not in {model.feature_set.name for model in kept}])
        return Outcome(len(kept), f"the models of {release.name} stay in use for {len(kept)} feature sets")
    reason = "requested" if is_requested else _reason(engine, settings, labelled, parts)
    # BLAS and OpenMP split sums by thread, so that the last bits would depend on the machine's load.
    with threadpool_limits(1):
        data_hash = labelled.data_hash if reason else _fitted_hash(settings.models)
        is_checked = not parts or robustness.is_current(engine, data_hash)
        pieces = (len(parts) * (FITS + len(CANDIDATES)) if reason else 0) + (
            0 if is_checked else robustness.piece_count(settings, [used.name for used in parts])
        )
        counted = Pieces(pieces, progress)
        if reason:
            _fit_all(engine=engine, settings=settings, labelled=labelled, parts=parts, reason=reason, progress=counted)
        if not is_checked:
            rows = robustness.check_all(engine, labelled.frame, settings, [used.name for used in parts], counted)
            identity = {"data_hash": data_hash, "code_version": code_version()}
            checks = [{**row, **identity, "sentence": claim_results.robustness(row)} for row in rows]
            engine.write(contract.from_rows(checks, "robustness_checks"), "robustness_checks")
    forests = engine.query(
        f"select feature_set, is_champion from {contract.relation('model_runs')} where is_written_back"
    ).to_pylist()
    count = len(forests) * len(CANDIDATES)
    warning = f"; warning: {_once(list(refused.values()))}" if refused else ""
    if not forests:
        return Outcome(0, f"no model stands, people decide{warning}")
    earned = sum(row["is_champion"] for row in forests)
    done = (
        f"fitted on {labelled.total:,} labelled videos or a sample" if reason else "unchanged since the last training"
    )
    return Outcome(
        count,
        f"{count} models of {len(forests)} feature sets {done}; the random forest is champion in {earned}{warning}",
    )


def _once(reasons: Sequence[str]) -> str:
    """The first reason, and how many feature sets have one like it."""
    return reasons[0] if len(reasons) == 1 else f"{reasons[0]} ({len(reasons)} feature sets cannot be trained)"


def _trainable(frame: pd.DataFrame) -> tuple[dict[FeatureSet, Parts], dict[str, str]]:
    """The parts of each feature set that can be trained, and why the others cannot."""
    parts, refused = {}, {}
    for declared in feature_sets():
        used = declared.delivered(frame)
        try:
            parts[used] = split_parts(frame, used)
        except DataError as error:
            refused[used.name] = str(error).rstrip(".")
    return parts, refused


def _reason(engine: Engine, settings: Settings, labelled: Labelled, parts: Mapping[FeatureSet, Parts]) -> str | None:
    """Why models are fitted: a code of `ml.model_runs`; None where those at hand stay in use."""
    found = [(used, registry.read_manifest(settings.models, used.name)) for used in feature_sets()]
    manifests = [manifest for _, manifest in found if manifest is not None]
    runs = contract.relation("model_runs")
    stands = engine.query(f"select model_run_id from {runs} where is_written_back").column(0).to_pylist()
    trainable = {used.name for used in parts}
    is_missing = any(
        used.name in trainable and (manifest is None or not registry.is_whole(settings.models, used.name))
        for used, manifest in found
    )
    if is_missing or {manifest.model_run_id for manifest in manifests} != set(stands):
        return "first_labels"
    versions, shaped = (code_version(), registry.library_versions()), _decision_settings(settings)
    if any((manifest.code_version, manifest.library_versions) != versions for manifest in manifests):
        return "other_code"
    if any(manifest.settings != shaped for manifest in manifests):
        return "other_settings"
    return _reason_in_labels(engine, labelled, manifests)


def _reason_in_labels(engine: Engine, labelled: Labelled, manifests: Sequence[registry.Manifest]) -> str | None:
    if all(manifest.data_hash == labelled.data_hash for manifest in manifests):
        return None
    withdrawn = engine.query(
        f"select count(*) as row_count from {contract.relation('held_out_predictions')} as known "
        f"left join {contract.relation(SOURCE)} as features on known.video_id = features.video_id "
        "where features.is_claim is null"
    ).to_pylist()
    if withdrawn[0]["row_count"]:
        return "withdrawn_labels"
    fitted = max(manifest.labelled_count for manifest in manifests)
    if labelled.total - fitted >= NEW_LABEL_SHARE * fitted:
        return "new_labels"
    # Fewer will do where the last predictions found a delivery that is unlike what was learned.
    return "drift" if labelled.total > fitted and drift.unlike_deliveries(engine) else None


def _fitted_hash(models: Path) -> str:
    found = (registry.read_manifest(models, used.name) for used in feature_sets())
    return next((manifest.data_hash for manifest in found if manifest is not None), "")


def _decision_settings(settings: Settings) -> dict[str, float]:
    """The settings that shape what is written."""
    names = ("missed_claim_cost", "wasted_review_cost", "missed_share_limit", "wasted_share_limit")
    return {name: float(getattr(settings, name)) for name in names}


def read_labelled(engine: Engine, limit: int) -> Labelled:
    """Read the labelled videos, or a sample of them that depends on their ids alone.

    Args:
        engine: The working warehouse.
        limit: Rows at most.

    Returns:
        The rows in an order that has nothing to do with the file's.

    """
    columns = ", ".join(feature_columns())
    relation = contract.relation(SOURCE)
    total = engine.query(f"select count(*) as row_count from {relation} where is_claim is not null").to_pylist()[0][
        "row_count"
    ]
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


def run_id(data_hash: str, feature_set: str, candidate: str, settings: Settings) -> str:
    """Id of a fitted model: the same data, code, libraries, costs and limits give the same one."""
    facts = [
        data_hash,
        code_version(),
        registry.library_versions(),
        feature_set,
        candidate,
        _decision_settings(settings),
    ]
    return hashlib.md5(json.dumps(facts, sort_keys=True).encode(), usedforsecurity=False).hexdigest()


class Trained(NamedTuple):
    """The models of one feature set, and what was measured of them."""

    model: SavedModel
    forest: FittedForest
    rows: dict[str, list[Row]]
    """By table, without run and feature set."""


def _fit_all(
    engine: Engine,
    settings: Settings,
    labelled: Labelled,
    parts: Mapping[FeatureSet, Parts],
    reason: str,
    progress: Report,
) -> None:
    """Fit what can be fitted; for the rest released models stay in use where there are some."""
    fitted = {used.name for used in parts}
    others = [used.name for used in feature_sets() if used.name not in fitted]
    kept = released.loadable(settings.current, others)
    fits = [
        partial(_fit_feature_set, used=used, parts=part, settings=settings, labelled=labelled, progress=progress)
        for used, part in parts.items()
    ]
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    models: list[SavedModel] = []
    for trained in in_parallel(fits, settings.threads) if fits else []:
        used = trained.model.feature_set
        ids = {name: run_id(labelled.data_hash, used.name, name, settings) for name in CANDIDATES}
        for name, found_rows in trained.rows.items():
            for row in found_rows:
                identity: Row = {"model_run_id": ids[row.get("model_name", FOREST)]}
                if name == "model_runs":
                    identity |= {"data_hash": labelled.data_hash, "labelled_count": labelled.total, "reason": reason}
                rows[name].append({**identity, "feature_set": used.name, **row})
        models.append(trained.model)
    rows["model_comparisons"] = corrected(rows["model_comparisons"])
    for model in models:
        _say(model.feature_set.name, rows)
        _save(settings.models, model, rows)
    _remove(settings.models, others)
    if kept:
        for name, found_rows in released.keep(settings, settings.current, kept, TABLES).items():
            rows[name] += found_rows
    _write(engine, rows)


def _write(engine: Engine, rows: Mapping[str, list[Row]]) -> None:
    for name, found in rows.items():
        engine.write(contract.from_rows(found, name), name)


def _remove(models: Path, names: Sequence[str]) -> None:
    """No file speaks of a model that is not in the tables."""
    for name in names:
        for ending in registry.ENDINGS:
            (models / f"{name}.{ending}").unlink(missing_ok=True)


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
    used: FeatureSet, parts: Parts, settings: Settings, labelled: Labelled, progress: Report
) -> Trained:
    costs = Costs(settings.missed_claim_cost, settings.wasted_review_cost)
    # The feature sets share the threads.
    forest = fit_forest(parts, used, costs, max(1, settings.threads // len(feature_sets())), progress)
    models = {**fit_candidates(parts, used, progress), FOREST: forest.estimator}
    progress(f"{used.name}: measures")
    best = champion(labels(parts.validation), probabilities(models, parts.validation, used))
    champion_out_of_fold = forest.out_of_fold
    if best != FOREST:
        champion_out_of_fold = out_of_fold(build(best, used), parts.train, used)
    known = Known.learn(parts.train, used)
    youngest = least_view_count(forest.estimator, parts.validation, used)
    rule = promised_band(
        parts,
        forest,
        models[best],
        champion_out_of_fold,
        known=known,
        youngest=youngest,
        limits=Limits(settings.missed_share_limit, settings.wasted_share_limit),
    )
    manifest = registry.Manifest(
        model_run_id=run_id(labelled.data_hash, used.name, FOREST, settings),
        rule_run_id=run_id(labelled.data_hash, used.name, RULE, settings),
        feature_set=used.name,
        data_hash=labelled.data_hash,
        code_version=code_version(),
        library_versions=registry.library_versions(),
        features=registry.feature_types(used),
        decision_threshold=forest.threshold,
        review_lower_bound=rule.band.lower,
        review_upper_bound=rule.band.upper,
        train_claim_share=forest.train_claim_share,
        held_out_scores=registry.held_out_scores(
            few := parts.test.head(registry.REPEATED), claim_probability(forest.estimator, few, used), used
        ),
        labelled_count=labelled.total,
        champion=best,
        least_view_count=youngest,
        settings=_decision_settings(settings),
    )
    model = SavedModel(
        feature_set=used,
        estimator=forest.estimator,
        rule=models[RULE],
        champion=models[best],
        known=known,
        manifest=manifest,
    )
    return Trained(
        model,
        forest,
        _results(
            parts=parts,
            model=model,
            forest=forest,
            models=models,
            rule=rule,
            champion_out_of_fold=champion_out_of_fold,
            settings=settings,
        ),
    )


def _results(
    parts: Parts,
    model: SavedModel,
    forest: FittedForest,
    models: Mapping[str, Any],
    rule: DecisionRule,
    champion_out_of_fold: np.ndarray,
    settings: Settings,
) -> dict[str, list[Row]]:
    """Every result row of one feature set, by table."""
    used, label, best = model.feature_set, labels(parts.test), model.manifest.champion
    by_candidate = probabilities(models, parts.test, used)
    metrics = [
        row
        for candidate, values in by_candidate.items()
        for row in metric_rows(candidate, "test", parts.test, values, is_sliced=True)
    ]
    is_old = ~is_young(parts.test, model.manifest.least_view_count)
    written = decisions.write(
        parts.test[is_old],
        by_candidate[FOREST][is_old],
        by_candidate[best][is_old],
        feature_set=used,
        known=model.known,
        band=rule.band,
    )
    costs = Costs(settings.missed_claim_cost, settings.wasted_review_cost)
    metrics += decision_rows(parts.test[is_old], written.decision, costs)
    validation, calibration = (
        (part, claim_probability(forest.estimator, part, used)) for part in (parts.validation, parts.calibration)
    )
    metrics += metric_rows(FOREST, "validation", *validation)
    metrics += metric_rows(FOREST, "out_of_bag", parts.train, forest.out_of_fold)
    comparisons = compare_candidates(label, by_candidate)
    comparisons += _against_release(settings.current / "models", parts.test, used, by_candidate[FOREST])
    unfolded = [validation, calibration, (parts.test, by_candidate[FOREST])]
    held_out = [
        *_held_out(parts.train, forest.out_of_fold, champion_out_of_fold, is_out_of_fold=True),
        *(
            row
            for part, values in unfolded
            for row in _held_out(part, values, claim_probability(models[best], part, used), is_out_of_fold=False)
        ),
    ]
    return {
        "model_runs": [
            _run_row(candidate=candidate, fitted=models[candidate], model=model, forest=forest, parts=parts, rule=rule)
            for candidate in CANDIDATES
        ],
        "model_metrics": metrics,
        "model_comparisons": comparisons,
        "model_calibration": calibration_rows(parts.test, by_candidate[FOREST]),
        "feature_importance": importance_rows(forest.estimator, parts.test, used),
        "held_out_predictions": held_out,
    }


def _run_row(
    candidate: str,
    fitted: Any,
    model: SavedModel,
    forest: FittedForest,
    parts: Parts,
    rule: DecisionRule,
) -> Row:
    used, manifest = model.feature_set, model.manifest
    row: Row = {
        "model_name": candidate,
        "candidate": candidate_number(candidate),
        "known_when": used.known_when,
        "is_champion": candidate == manifest.champion,
        "is_written_back": candidate == FOREST,
        "code_version": manifest.code_version,
        "library_versions": json.dumps(manifest.library_versions, sort_keys=True),
        "features": json.dumps(used.columns),
        "parameters": json.dumps(_parameters(fitted), sort_keys=True),
        "is_calibrated": False,
        "train_count": len(parts.train),
        "test_count": len(parts.test),
        "train_claim_share": manifest.train_claim_share,
    }
    if candidate == FOREST:
        row |= {
            "parameters": json.dumps({**FOREST_SETTINGS, **forest.parameters}, sort_keys=True),
            "is_calibrated": forest.is_calibrated,
            "decision_rule": rule.code,
            "decision_threshold": manifest.decision_threshold,
            "review_lower_bound": rule.band.lower,
            "review_upper_bound": rule.band.upper,
            **manifest.settings,
            "missed_share_bound": rule.promise.missed_share_bound,
            "wasted_share_bound": rule.promise.wasted_share_bound,
            "needed_claim_count": rule.promise.needed_claim_count,
            "calibration_claim_count": int(labels(parts.calibration).sum()),
            "least_view_count": None if manifest.least_view_count is None else math.ceil(manifest.least_view_count),
            "least_known_word_share": model.known.least_word_share if model.known.words else None,
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


def _held_out(
    part: pd.DataFrame, probability: np.ndarray, champion_probability: np.ndarray, *, is_out_of_fold: bool
) -> list[Row]:
    return [
        {
            "video_id": int(video_id),
            "is_out_of_fold": is_out_of_fold,
            "claim_probability": float(value),
            "champion_probability": float(other),
        }
        for video_id, value, other in zip(part["video_id"], probability, champion_probability, strict=True)
    ]


def _save(folder: Path, model: SavedModel, rows: Mapping[str, list[Row]]) -> None:
    """Save a model beside its card, which says what stands in the tables."""
    used, runs = model.feature_set, {row["model_run_id"]: row for row in rows["model_runs"]}
    metrics = [row for row in rows["model_metrics"] if row["feature_set"] == used.name]
    run_row, rule_row = runs[model.manifest.model_run_id], runs[model.manifest.rule_run_id]
    registry.save(folder, model, model_card.card(run_row, rule_row, metrics, decides=used.decides))
