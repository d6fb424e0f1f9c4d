"""The robustness checks: what makes the models look better than they would be on a harder day."""

import json
from collections.abc import Collection, Sequence
from functools import partial

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, StratifiedShuffleSplit

from ml.classifier import registry
from ml.classifier.comparison import Row
from ml.classifier.feature_sets import SPREAD, TEXT, FeatureSet, feature_columns, feature_set
from ml.classifier.forest import claim_probability, labels, split_parts
from ml.classifier.metrics import mean_interval
from ml.classifier.pipelines import FEW_TREES, FOREST, RULE, build
from ml.classifier.registry import SavedModel
from ml.classifier.robustness_findings import (
    FOLDS,
    WARNING_SHARE,
    WORDS,
    Finding,
    Fits,
    auc_interval,
    numbered,
)
from ml.classifier.transcript_hold_outs import HOLD_OUT_CANDIDATES, transcript_hold_outs
from ml.classifier.uniformity import uniformity
from ml.classifier.youth import at_share
from ml.parallel import in_parallel
from ml.statistics.shares import wilson
from warehouse import contract
from warehouse.progress import Report
from warehouse.protocol import Engine
from warehouse.settings import Settings, code_version
from wording import names as words

GIVEAWAY_AUC = 0.99
GROWTH_SHARES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
# Each check fits many models; more rows than the published data has would add minutes and no insight.
ROWS = 20_000
# The rule finds the same column in both feature sets: once is enough.
SPLIT_MODELS = (("engagement", RULE), ("engagement", FOREST), ("full", FOREST))
"""Feature sets and models asked about young videos and other splits."""
COUNTED = tuple(dict.fromkeys(name for name, _ in SPLIT_MODELS))
"""The feature sets of those: the ones with counts."""
GROWN_ROWS = 300
GROWN_VIEWS = (20, 1_000_000)
GROWN_STEPS = 40
FALL = 0.1
"""Of a probability, while views grow: smaller falls are the steps of the trees."""


def is_current(engine: Engine, data_hash: str) -> bool:
    """Whether the checks of exactly this data and code stand in the table already."""
    found = engine.query(
        f"select distinct data_hash, code_version from {contract.relation('robustness_checks')}"
    ).to_pylist()
    return bool(found == [{"data_hash": data_hash, "code_version": code_version()}])


def check_all(
    engine: Engine, frame: pd.DataFrame, settings: Settings, trained: Collection[str], progress: Report
) -> list[Row]:
    """Run every check.

    Args:
        engine: The working warehouse, after training.
        frame: The labelled rows that training read.
        settings: Number of splits, threads.
        trained: Names of the feature sets that these rows can train; a model kept from a release has nothing to check.
        progress: Receives one line per piece of work.

    Returns:
        Rows for `ml.robustness_checks` without the identity of data and code.
    """
    runs = engine.query(
        f"select feature_set, parameters from {contract.relation('model_runs')} where model_name = $model",
        {"model": FOREST},
    ).to_pylist()
    chosen = {row["feature_set"]: json.loads(row["parameters"]) for row in runs}
    fits = Fits(chosen, settings.threads)
    models = [registry.load(settings.models, name) for name in COUNTED if name in set(trained)]
    sample = frame.head(ROWS).reset_index(drop=True)
    names = frozenset(chosen) & frozenset(trained)
    progress("robustness: single features")
    rows = single_features(sample, _file_positions(engine, sample), names)
    progress("robustness: shared rows")
    rows += shared_rows(sample)
    rows += uniformity(sample)
    progress("robustness: growth curve")
    rows += growth_curve(sample, models)
    progress("robustness: more views")
    rows += more_views(sample, models)
    if WORDS.name in names:
        rows += transcript_hold_outs(sample, fits, progress)
    rows += repeated_splits(sample, fits, settings.repeated_splits, names, progress)
    return rows


def piece_count(settings: Settings, names: Collection[str]) -> int:
    """Pieces of work that `check_all` reports where these feature sets are trained."""
    hold_outs = len(HOLD_OUT_CANDIDATES) * 5 if WORDS.name in names else 0
    return 4 + hold_outs + len(_split_models(names)) * settings.repeated_splits


def _split_models(names: Collection[str]) -> list[tuple[str, str]]:
    return [(name, candidate) for name, candidate in SPLIT_MODELS if name in names]


def single_features(frame: pd.DataFrame, file_position: np.ndarray, names: Collection[str]) -> list[Row]:
    """How well each column alone separates the classes; file position and video_id are shown because they must not.

    Args:
        frame: Labelled rows.
        file_position: Position of each row in its delivered file.
        names: Feature sets that could be trained; without one of words, words are left out.

    Returns:
        One row per column: the ROC AUC, turned the way that separates best.
    """
    label = labels(frame)
    values: dict[str, np.ndarray] = {}
    for name in feature_columns():
        if name == TEXT:
            if WORDS.name not in names:
                continue
            values[name] = _text_probability(frame)
        elif pd.api.types.is_numeric_dtype(frame[name]):
            values[name] = frame[name].to_numpy(float)
        else:
            values[name] = frame[name].map(frame.groupby(name)["is_claim"].mean()).to_numpy(float)
    values["file position"] = file_position
    values["video_id"] = frame["video_id"].to_numpy(float)
    rows = []
    for name, column in values.items():
        is_known = ~np.isnan(column)
        if label[is_known].all() or not label[is_known].any():
            continue
        auc = float(roc_auc_score(label[is_known], column[is_known]))
        auc = max(auc, 1 - auc)
        bounds = auc_interval(auc, int(label[is_known].sum()), int((~label[is_known]).sum()))
        finding = Finding(
            check_name="single_feature",
            subject=name,
            model_name="none",
            metric="roc_auc",
            value=auc,
            bounds=bounds,
            observation_count=int(is_known.sum()),
        )
        rows.append(finding.row(is_warning=auc > GIVEAWAY_AUC))
    return numbered(rows)


def shared_rows(frame: pd.DataFrame) -> list[Row]:
    """How many test rows training has seen in the same words or numbers."""
    features = list(feature_columns())
    train, test = frame[frame["split"] == "train"], frame[frame["split"] == "test"]
    subjects = {
        "video_id": ["video_id"],
        "transcript": [TEXT],
        "all features": features,
        "all features but the transcript": [name for name in features if name != TEXT],
    }
    rows = []
    for subject, columns in subjects.items():
        known = test.dropna(subset=columns, how="all")[columns]
        seen = known.merge(train[columns].drop_duplicates(), on=columns, how="inner")
        count, total = len(seen), len(known)
        value = count / total if total else None
        # A transcript may come twice; the same video in both parts is a broken split.
        is_warning = subject in {"video_id", "all features"} and count > 0
        bounds = wilson(count, total) if total else None
        finding = Finding(
            check_name="shared_rows",
            subject=subject,
            model_name="none",
            metric="share_seen_in_training",
            value=value,
            bounds=bounds,
            observation_count=total,
        )
        rows.append(finding.row(is_warning=is_warning))
    return numbered(rows)


def growth_curve(frame: pd.DataFrame, models: Sequence[SavedModel]) -> list[Row]:
    """What the models that need counts see while a video is still small."""
    by_name, rows = {model.feature_set.name: model for model in models}, []
    for feature_set_name, candidate in _split_models(by_name):
        model = by_name[feature_set_name]
        used, name = model.feature_set, f"{candidate}, {feature_set_name}"
        test = split_parts(frame, used).test
        claims = labels(test)
        for share in GROWTH_SHARES:
            estimator = model.rule if candidate == RULE else model.estimator
            found = claim_probability(estimator, at_share(test, share), used) >= 0.5
            hits, right = int((found & claims).sum()), int((found == claims).sum())
            for metric, successes, total in (("recall", hits, int(claims.sum())), ("accuracy", right, len(claims))):
                value, bounds = successes / total, wilson(successes, total)
                subject = f"{share:.0%} of the final counts"
                finding = Finding(
                    check_name="growth_curve",
                    subject=subject,
                    model_name=name,
                    metric=metric,
                    value=value,
                    bounds=bounds,
                    observation_count=total,
                )
                rows.append(finding.row(is_warning=value < WARNING_SHARE))
    return numbered(rows)


def more_views(frame: pd.DataFrame, models: Sequence[SavedModel]) -> list[Row]:
    """How often a video's score falls by more than a tenth somewhere on the way up, as its views alone grow."""
    rows = []
    for model in models:
        used = model.feature_set
        some = split_parts(frame, used).test.head(GROWN_ROWS)
        for subject, restated in (("at the same rates", False), ("with the same likes", True)):
            falls, highest = np.zeros(len(some)), np.zeros(len(some))
            for views in np.geomspace(*GROWN_VIEWS, GROWN_STEPS):
                grown = some.assign(**{SPREAD: views})
                if restated and "like_rate" in used.columns:
                    grown["like_rate"] = np.minimum(1.0, grown["video_like_count"] / views)
                probability = claim_probability(model.estimator, grown, used)
                falls, highest = np.maximum(falls, highest - probability), np.maximum(highest, probability)
            fallen, total = int((falls > FALL).sum()), len(some)
            finding = Finding(
                check_name="more_views",
                subject=subject,
                model_name=f"{FOREST}, {used.name}",
                metric="share_lowered",
                value=fallen / total,
                bounds=wilson(fallen, total),
                observation_count=total,
            )
            rows.append(finding.row(is_warning=fallen / total > 1 - WARNING_SHARE))
    return numbered(rows)


def repeated_splits(
    frame: pd.DataFrame, fits: Fits, repeats: int, names: Collection[str], progress: Report
) -> list[Row]:
    """Errors over many random splits, so that no single lucky one is the story."""

    def wrong(
        used: FeatureSet, candidate: str, number: int, known: pd.DataFrame, rows: tuple[np.ndarray, np.ndarray]
    ) -> int:
        progress(f"robustness: {words.model(candidate)} ({used.name}), split {number} of {repeats}")
        train, test = (known.iloc[part] for part in rows)
        decided = claim_probability(fits.fit(candidate, used, train, n_estimators=FEW_TREES), test, used) >= 0.5
        return int(np.count_nonzero(decided != labels(test)))

    rows = []
    for feature_set_name, candidate in _split_models(names):
        used = feature_set(feature_set_name).delivered(frame)
        known = frame[frame[list(used.required)].notna().all(axis=1)].reset_index(drop=True)
        splits = list(StratifiedShuffleSplit(repeats, test_size=0.2, random_state=0).split(known, labels(known)))
        work = [
            partial(wrong, used=used, candidate=candidate, number=number, known=known, rows=split)
            for number, split in enumerate(splits, start=1)
        ]
        errors = np.array(in_parallel(work, fits.threads), dtype=float)
        name, total = f"{candidate}, {used.name}", len(splits[0][1])
        mean, lower, upper = mean_interval(errors)
        spread = float(errors.std(ddof=1))
        for metric, value, bounds in (
            ("mean_wrong_count", mean, (lower, upper)),
            ("standard_deviation", spread, None),
        ):
            finding = Finding(
                check_name="repeated_splits",
                subject=f"{repeats} splits",
                model_name=name,
                metric=metric,
                value=value,
                bounds=bounds,
                observation_count=total,
            )
            rows.append(finding.row())
    return numbered(rows)


def _text_probability(frame: pd.DataFrame) -> np.ndarray:
    """Out-of-fold probability of a linear model on the words alone."""
    known = frame[TEXT].notna().to_numpy(bool)
    part, probability = frame[known], np.full(len(frame), np.nan)
    label, held_out = labels(part), np.empty(int(known.sum()))
    for train, test in StratifiedKFold(FOLDS).split(part, label):
        model = build("logistic_regression", WORDS).fit(part.iloc[train][list(WORDS.columns)], label[train])
        held_out[test] = claim_probability(model, part.iloc[test], WORDS)
    probability[known] = held_out
    return probability


def _file_positions(engine: Engine, sample: pd.DataFrame) -> np.ndarray:
    """Where each sampled video stood in its file: read for this check alone, never a feature."""
    ids = ", ".join(str(int(value)) for value in sample["video_id"])
    found = engine.query(
        f"select video_id, delivery_row_number from {contract.relation('fct_videos')} where video_id in ({ids})"
    ).to_pandas()
    return sample["video_id"].map(found.set_index("video_id")["delivery_row_number"]).to_numpy(float)
