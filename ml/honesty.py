"""The honesty audits: what makes the models look better than they would be on a harder day."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, StratifiedKFold, StratifiedShuffleSplit

from ml.ladder import FOREST, RULE, Row
from ml.lead_ins import swapped, take_apart
from ml.parallel import in_parallel
from ml.pipelines import build
from ml.scores import mean_interval, wilson
from ml.stages import TEXT, Stage, known_when, stage, stages
from ml.training import claim_probability, labels, split_parts
from warehouse import contract
from warehouse.engine import Engine
from warehouse.progress import Report
from warehouse.settings import Settings, code_version

GIVEAWAY_AUC = 0.99
WARNING_SHARE = 0.95
"""Below this recall or accuracy under an audit's conditions the reader is warned."""
GROWTH_SHARES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
HOLD_OUT_FOLDS = 5
# Trees on words that say nothing grow without end; the answer is the same on fewer rows.
HOLD_OUT_ROWS = 6_000
# Each audit fits many models; more rows than the published data has would add minutes and no insight.
ROWS = 20_000
# The transcript without the account, so that a hold-out shows what the words alone carry.
WORDS = Stage("transcript", "publication", (TEXT,))
# Half the forest's own trees: where a model is fitted many times over, more change no sentence.
TREES = 30
HOLD_OUT_RUNGS = (FOREST, "logistic_regression")
HOLD_OUTS = {
    "random": "folds drawn at random",
    "exact lead-in": "lead-ins that training has not seen",
    "subject family": "speakers that training has not seen",
    "lead-in swapped": "the lead-ins of the two classes swapped",
    "without lead-in": "what is said alone, without its lead-in,",
}
# The rule finds the same column in both stages: once is enough.
SPLIT_MODELS = (("engagement", RULE), ("engagement", FOREST), ("full", FOREST))
"""Stages and models asked about young videos and other splits."""
RATES = {
    "like_rate": ("video_like_count", "video_view_count"),
    "share_rate": ("video_share_count", "video_like_count"),
    "download_rate": ("video_download_count", "video_like_count"),
    "comment_rate": ("video_comment_count", "video_download_count"),
}


def is_current(engine: Engine, data_hash: str) -> bool:
    """Whether the audits of exactly this data and code stand in the table already."""
    found = engine.query(
        f"select distinct data_hash, code_version from {contract.relation('honesty_audits')}"
    ).to_pylist()
    return bool(found == [{"data_hash": data_hash, "code_version": code_version()}])


def audit(engine: Engine, frame: pd.DataFrame, settings: Settings, progress: Report) -> list[Row]:
    """Run every audit.

    Args:
        engine: The working warehouse, after training.
        frame: The labelled rows that training read.
        settings: Number of splits, threads.
        progress: Receives one line per piece of work.

    Returns:
        Rows for `ml.honesty_audits` without the identity of data and code.
    """
    runs = engine.query(
        f"select stage, parameters from {contract.relation('model_runs')} where model_name = $model", {"model": FOREST}
    ).to_pylist()
    chosen = {row["stage"]: json.loads(row["parameters"]) for row in runs}
    fits = Fits(chosen, settings.threads)
    sample = frame.head(ROWS).reset_index(drop=True)
    progress("honesty: single features")
    rows = single_features(sample, _file_positions(engine, sample))
    progress("honesty: shared rows")
    rows += shared_rows(sample)
    progress("honesty: growth curve")
    rows += growth_curve(sample, fits)
    rows += transcript_hold_outs(sample, fits, progress)
    rows += repeated_splits(sample, fits, settings.repeated_splits, progress)
    return rows


def piece_count(settings: Settings) -> int:
    """Pieces of work that `audit` reports."""
    return 3 + len(HOLD_OUT_RUNGS) * 4 + len(SPLIT_MODELS) * settings.repeated_splits


class Finding(NamedTuple):
    """One measured number of an audit, before its sentence."""

    audit: str
    subject: str
    model_name: str
    metric: str
    value: float | None
    bounds: tuple[float, float] | None
    observation_count: int

    def row(self, sentence: str, *, is_warning: bool = False) -> Row:
        """The row for `ml.honesty_audits`, without its order and the identity of data and code."""
        lower, upper = self.bounds or (None, None)
        return {
            "audit": self.audit,
            "subject": self.subject,
            "model_name": self.model_name,
            "metric": self.metric,
            "metric_value": self.value,
            "lower_bound": lower,
            "upper_bound": upper,
            "observation_count": self.observation_count,
            "is_warning": is_warning,
            "sentence": sentence,
        }


class Fits:
    """Fits models with the settings that training has chosen."""

    def __init__(self, parameters: Mapping[str, Mapping[str, Any]], threads: int) -> None:
        self._parameters = parameters
        self.threads = threads
        """For pieces of work that fit models one after the other."""

    def fit(self, rung: str, used: Stage, frame: pd.DataFrame, **changes: Any) -> Any:
        """A fitted model of a rung, uncalibrated; changes are to the forest's settings."""
        model = build(rung, used)
        if rung == FOREST:
            model.named_steps["model"].set_params(**{**self._parameters.get(used.name, {}), **changes})
        return model.fit(frame[list(used.columns)], labels(frame))


def single_features(frame: pd.DataFrame, file_position: np.ndarray) -> list[Row]:
    """How well each column alone separates the classes; file position and video_id are shown because they must not.

    Args:
        frame: Labelled rows.
        file_position: Position of each row in its delivered file.

    Returns:
        One row per column: the ROC AUC, turned the way that separates best.
    """
    label = labels(frame)
    features = dict.fromkeys(name for entry in stages() for name in entry.columns)
    values: dict[str, np.ndarray] = {}
    for name in features:
        if name == TEXT:
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
        bounds = _auc_interval(auc, int(label[is_known].sum()), int((~label[is_known]).sum()))
        finding = Finding("single_feature", name, "none", "roc_auc", auc, bounds, int(is_known.sum()))
        rows.append(finding.row(_feature_sentence(name, auc), is_warning=auc > GIVEAWAY_AUC))
    return _numbered(rows)


def shared_rows(frame: pd.DataFrame) -> list[Row]:
    """How many test rows training has seen in the same words or numbers."""
    features = list(dict.fromkeys(name for entry in stages() for name in entry.columns))
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
        sentence = f"{count:,} of {total:,} test videos share their {subject} with a training video."
        value = count / total if total else None
        # A transcript may come twice; the same video in both parts is a broken split.
        is_warning = subject in {"video_id", "all features"} and count > 0
        bounds = wilson(count, total) if total else None
        finding = Finding("shared_rows", subject, "none", "share_seen_in_training", value, bounds, total)
        rows.append(finding.row(sentence, is_warning=is_warning))
    return _numbered(rows)


def growth_curve(frame: pd.DataFrame, fits: Fits) -> list[Row]:
    """What the models that need counts see while a video is still small."""
    models = [(stage(name), rung) for name, rung in SPLIT_MODELS]
    parts = {used: split_parts(frame, used) for used, _ in models}
    work = [partial(fits.fit, rung, used, parts[used].train) for used, rung in models]
    rows = []
    for (used, rung), model in zip(models, in_parallel(work, fits.threads), strict=True):
        test, name = parts[used].test, f"{rung}, {used.name}"
        claims = labels(test)
        for share in GROWTH_SHARES:
            found = claim_probability(model, at_share(test, share), used) >= 0.5
            hits, right = int((found & claims).sum()), int((found == claims).sum())
            sentence = (
                f"With {share:.0%} of the final counts the {_words(name)} finds "
                f"{hits / claims.sum():.1%} of the claims and is right on {right / len(claims):.1%} of the videos."
            )
            for metric, successes, total in (("recall", hits, int(claims.sum())), ("accuracy", right, len(claims))):
                value, bounds = successes / total, wilson(successes, total)
                subject = f"{share:.0%} of the final counts"
                finding = Finding("growth_curve", subject, name, metric, value, bounds, total)
                rows.append(finding.row(sentence, is_warning=value < WARNING_SHARE))
    return _numbered(rows)


def at_share(frame: pd.DataFrame, share: float) -> pd.DataFrame:
    """The same videos when their counts stood at a share of their final value, with rates recomputed."""
    counts = {
        name: np.floor(frame[name] * share)
        for name in frame.columns
        if name.endswith("_count") and name.startswith("video_")
    }
    young = frame.assign(**counts)
    for rate, (numerator, denominator) in RATES.items():
        young[rate] = (young[numerator] / young[denominator].where(young[denominator] > 0)).where(frame[rate].notna())
    return young


class HoldOut(NamedTuple):
    """Transcripts to fit on, and the versions of them that a model of the other folds is asked about."""

    seen: pd.DataFrame
    shown: dict[str, pd.DataFrame]
    """By the name of the hold-out."""
    groups: np.ndarray | None = None
    """Never divided between folds."""


def transcript_hold_outs(frame: pd.DataFrame, fits: Fits, progress: Report) -> list[Row]:
    """What a model on the words knows when it has not heard the lead-in before."""
    known = frame[frame[TEXT].notna()].head(HOLD_OUT_ROWS).reset_index(drop=True)
    label = labels(known)
    majority = max(label.mean(), 1 - label.mean())
    models = [(rung, held_out) for rung in HOLD_OUT_RUNGS for held_out in _hold_outs(known, label)]
    work = [partial(_out_of_fold, held_out, fits, rung, progress) for rung, held_out in models]
    found: dict[tuple[str, str], np.ndarray] = {}
    for (rung, _), probabilities in zip(models, in_parallel(work, fits.threads), strict=True):
        found |= {(rung, name): probability for name, probability in probabilities.items()}
    rows = []
    for rung in HOLD_OUT_RUNGS:
        for name, words in HOLD_OUTS.items():
            if (rung, name) not in found:
                continue
            probability = found[rung, name]
            right, total = int(((probability >= 0.5) == label).sum()), len(label)
            share, auc = right / total, float(roc_auc_score(label, probability))
            sentence = (
                f"With {words} the {_words(rung)}{_trees(rung)} on the words is right on {share:.1%} "
                f"of the transcripts (majority {majority:.1%}), ROC AUC {auc:.3f}."
            )
            interval = _auc_interval(auc, int(label.sum()), int((~label).sum()))
            for metric, value, bounds in (("accuracy", share, wilson(right, total)), ("roc_auc", auc, interval)):
                finding = Finding("transcript_hold_out", name, rung, metric, value, bounds, total)
                rows.append(finding.row(sentence, is_warning=share < WARNING_SHARE))
    return _numbered(rows)


def _hold_outs(known: pd.DataFrame, label: np.ndarray) -> list[HoldOut]:
    transcripts = take_apart(known[TEXT])
    facts = known.assign(**{TEXT: pd.Series(transcripts.said, dtype="str")})
    other = known.assign(**{TEXT: swapped(transcripts, label)})
    groups = {"exact lead-in": transcripts.lead_in, "subject family": transcripts.subject}
    return [
        HoldOut(known, {"random": known, "lead-in swapped": other}),
        HoldOut(facts, {"without lead-in": facts}),
        *(
            HoldOut(known, {name: known}, values)
            for name, values in groups.items()
            if len(set(values)) >= HOLD_OUT_FOLDS
        ),
    ]


def _out_of_fold(held_out: HoldOut, fits: Fits, rung: str, progress: Report) -> dict[str, np.ndarray]:
    """Probabilities of every version of the rows, by models fitted on the other folds."""
    progress(f"honesty: {_words(rung)}, transcripts by hold-out: {', '.join(held_out.shown)}")
    seen, groups = held_out.seen, held_out.groups
    folds = StratifiedKFold(HOLD_OUT_FOLDS) if groups is None else GroupKFold(HOLD_OUT_FOLDS)
    found = {name: np.empty(len(seen)) for name in held_out.shown}
    for fitted_on, left_out in folds.split(seen, labels(seen), groups):
        model = fits.fit(rung, WORDS, seen.iloc[fitted_on], n_estimators=TREES)
        for name, version in held_out.shown.items():
            found[name][left_out] = claim_probability(model, version.iloc[left_out], WORDS)
    return found


def repeated_splits(frame: pd.DataFrame, fits: Fits, repeats: int, progress: Report) -> list[Row]:
    """Errors over many random splits, so that no single lucky one is the story."""

    def wrong(used: Stage, rung: str, number: int, known: pd.DataFrame, rows: tuple[np.ndarray, np.ndarray]) -> int:
        progress(f"honesty: {_words(rung)} ({used.name}), split {number} of {repeats}")
        train, test = (known.iloc[part] for part in rows)
        decided = claim_probability(fits.fit(rung, used, train, n_estimators=TREES), test, used) >= 0.5
        return int(np.count_nonzero(decided != labels(test)))

    rows = []
    for stage_name, rung in SPLIT_MODELS:
        used = stage(stage_name)
        known = frame[frame[list(used.required)].notna().all(axis=1)].reset_index(drop=True)
        splits = list(StratifiedShuffleSplit(repeats, test_size=0.2, random_state=0).split(known, labels(known)))
        work = [partial(wrong, used, rung, number, known, split) for number, split in enumerate(splits, start=1)]
        errors = np.array(in_parallel(work, fits.threads), dtype=float)
        name, total = f"{rung}, {used.name}", len(splits[0][1])
        mean, lower, upper = mean_interval(errors)
        spread = float(errors.std(ddof=1))
        sentence = (
            f"Over {repeats} random splits the {_words(name)}{_trees(rung)} is wrong {mean:.1f} ± {spread:.1f} times "
            f"in {total:,}."
        )
        for metric, value, bounds in (
            ("mean_wrong_count", mean, (lower, upper)),
            ("standard_deviation", spread, None),
        ):
            finding = Finding("repeated_splits", f"{repeats} splits", name, metric, value, bounds, total)
            rows.append(finding.row(sentence))
    return _numbered(rows)


def _text_probability(frame: pd.DataFrame) -> np.ndarray:
    """Out-of-fold probability of a linear model on the words alone."""
    known = frame[TEXT].notna().to_numpy(bool)
    part, probability = frame[known], np.full(len(frame), np.nan)
    label, held_out = labels(part), np.empty(int(known.sum()))
    for train, test in StratifiedKFold(HOLD_OUT_FOLDS).split(part, label):
        model = build("logistic_regression", WORDS).fit(part.iloc[train][list(WORDS.columns)], label[train])
        held_out[test] = claim_probability(model, part.iloc[test], WORDS)
    probability[known] = held_out
    return probability


def _file_positions(engine: Engine, sample: pd.DataFrame) -> np.ndarray:
    """Where each sampled video stood in its file: read for this audit alone, never a feature."""
    ids = ", ".join(str(int(value)) for value in sample["video_id"])
    found = engine.query(
        f"select video_id, delivery_row_number from {contract.relation('fct_videos')} where video_id in ({ids})"
    ).to_pandas()
    return sample["video_id"].map(found.set_index("video_id")["delivery_row_number"]).to_numpy(float)


def _auc_interval(auc: float, claims: int, opinions: int) -> tuple[float, float]:
    """Interval of a ROC AUC (Hanley and McNeil 1982)."""
    first, second = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (claims - 1) * (first - auc**2) + (opinions - 1) * (second - auc**2)
    margin = 1.959964 * float(np.sqrt(max(variance, 0) / (claims * opinions)))
    return max(0.0, auc - margin), min(1.0, auc + margin)


def _feature_sentence(name: str, auc: float) -> str:
    if name == "file position":
        return (
            f"The position in the delivered file separates the classes with ROC AUC {auc:.3f}; it is never a feature."
        )
    if name == "video_id":
        return f"video_id separates the classes with ROC AUC {auc:.3f}; it is the key and never a feature."
    if auc <= GIVEAWAY_AUC:
        return f"{name} alone: ROC AUC {auc:.3f}."
    reasons = {
        "publication": "its lead-in phrases name the class" if name == TEXT else "known at publication",
        "after_spread": "claims are seen far more often, but this is known only after the video has spread",
    }
    return f"{name} alone all but gives the label away (ROC AUC {auc:.3f}): {reasons[known_when(name)]}."


def _numbered(rows: list[Row]) -> list[Row]:
    return [{**row, "audit_order": number} for number, row in enumerate(rows, start=1)]


def _words(name: str) -> str:
    rung, _, used = name.partition(", ")
    return rung.replace("_", " ") + (f" ({used})" if used else "")


def _trees(rung: str) -> str:
    return f" of {TREES} trees" if rung == FOREST else ""
