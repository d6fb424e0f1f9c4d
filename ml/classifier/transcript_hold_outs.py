"""The transcript hold-outs: what a model on the words knows when it has not heard the lead-in before."""

from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, StratifiedKFold

from ml.classifier.comparison import Row
from ml.classifier.feature_sets import TEXT
from ml.classifier.forest import claim_probability, labels
from ml.classifier.lead_ins import swapped, take_apart
from ml.classifier.pipelines import FEW_TREES, FOREST
from ml.classifier.robustness_findings import (
    FOLDS,
    WARNING_SHARE,
    WORDS,
    Finding,
    Fits,
    auc_interval,
    numbered,
)
from ml.parallel import in_parallel
from ml.statistics.shares import wilson
from warehouse.progress import Report
from wording import names

# Trees on words that say nothing grow without end; the answer is the same on fewer rows.
HOLD_OUT_ROWS = 6_000
HOLD_OUT_CANDIDATES = (FOREST, "logistic_regression")
HOLD_OUTS = ("random", "statement", "exact lead-in", "subject family", "lead-in swapped", "without lead-in")


class HoldOut(NamedTuple):
    """Transcripts to fit on, and the versions of them that a model of the other folds is asked about."""

    seen: pd.DataFrame
    shown: dict[str, pd.DataFrame]
    """By the name of the hold-out."""
    groups: np.ndarray | None = None
    """Never divided between folds."""
    is_stratified: bool = False
    """Whether each fold has the classes' shares as far as the groups allow; groups of one class do not."""


def transcript_hold_outs(frame: pd.DataFrame, fits: Fits, progress: Report) -> list[Row]:
    """What a model on the words knows when it has not heard the lead-in before."""
    known = frame[frame[TEXT].notna()].head(HOLD_OUT_ROWS).reset_index(drop=True)
    label = labels(known)
    models = [(candidate, held_out) for candidate in HOLD_OUT_CANDIDATES for held_out in _hold_outs(known, label)]
    work = [partial(_out_of_fold, held_out, fits, candidate, progress) for candidate, held_out in models]
    found: dict[tuple[str, str], np.ndarray] = {}
    for (candidate, _), probabilities in zip(models, in_parallel(work, fits.threads), strict=True):
        found |= {(candidate, name): probability for name, probability in probabilities.items()}
    rows = []
    for candidate in HOLD_OUT_CANDIDATES:
        for name in HOLD_OUTS:
            if (candidate, name) not in found:
                continue
            probability = found[candidate, name]
            right, total = int(((probability >= 0.5) == label).sum()), len(label)
            share, auc = right / total, float(roc_auc_score(label, probability))
            interval = auc_interval(auc, int(label.sum()), int((~label).sum()))
            for metric, value, bounds in (("accuracy", share, wilson(right, total)), ("roc_auc", auc, interval)):
                finding = Finding(
                    check_name="transcript_hold_out",
                    subject=name,
                    model_name=candidate,
                    metric=metric,
                    value=value,
                    bounds=bounds,
                    observation_count=total,
                )
                rows.append(finding.row(is_warning=share < WARNING_SHARE))
    return numbered(rows)


def _hold_outs(known: pd.DataFrame, label: np.ndarray) -> list[HoldOut]:
    transcripts = take_apart(known[TEXT])
    facts = known.assign(**{TEXT: pd.Series(transcripts.said, dtype="str")})
    other = known.assign(**{TEXT: swapped(transcripts, label)})
    groups = {
        "statement": transcripts.said,
        "exact lead-in": transcripts.lead_in,
        "subject family": transcripts.subject,
    }
    return [
        HoldOut(known, {"random": known, "lead-in swapped": other}),
        HoldOut(facts, {"without lead-in": facts}),
        *(
            HoldOut(known, {name: known}, values, is_stratified=name == "statement")
            for name, values in groups.items()
            if len(set(values)) >= FOLDS
        ),
    ]


def _out_of_fold(held_out: HoldOut, fits: Fits, candidate: str, progress: Report) -> dict[str, np.ndarray]:
    """Probabilities of every version of the rows, by models fitted on the other folds."""
    progress(f"robustness: {names.model(candidate)}, transcripts by hold-out: {', '.join(held_out.shown)}")
    seen, groups = held_out.seen, held_out.groups
    grouped = StratifiedGroupKFold(FOLDS) if held_out.is_stratified else GroupKFold(FOLDS)
    folds = StratifiedKFold(FOLDS) if groups is None else grouped
    found = {name: np.empty(len(seen)) for name in held_out.shown}
    for fitted_on, left_out in folds.split(seen, labels(seen), groups):
        model = fits.fit(candidate, WORDS, seen.iloc[fitted_on], n_estimators=FEW_TREES)
        for name, version in held_out.shown.items():
            found[name][left_out] = claim_probability(model, version.iloc[left_out], WORDS)
    return found
