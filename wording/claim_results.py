"""Rows of the claim models' result tables in one plain sentence each: runs, comparisons, robustness checks."""

import json
from collections.abc import Sequence

from wording import codes, names
from wording.claim_model import growth_share
from wording.numbers import capitalise, count, decimal, p_text, share, things
from wording.rows import Row

VERDICTS = {
    "clearly better": "is clearly better than",
    "clearly worse": "is clearly worse than",
    "no clear difference": "shows no clear difference to",
}
HOLD_OUTS = {
    "random": "folds drawn at random",
    "statement": "statements that training has not seen",
    "exact lead-in": "lead-ins that training has not seen",
    "subject family": "speakers that training has not seen",
    "lead-in swapped": "the lead-ins of the two classes swapped",
    "without lead-in": "what is said alone, without its lead-in,",
}


def comparison(row: Row) -> str:
    """Two models on the same held-out videos.

    Args:
        row: Of `ml.model_comparisons`.
    """
    other = (
        "the current release’s random forest"
        if row["comparison"] == "against_release"
        else f"the {names.model(row['other_model_name'])}"
    )
    p_value = row.get("adjusted_p_value")
    return (
        f"The {names.model(row['model_name'])} {VERDICTS[row['verdict']]} {other}: of "
        f"{count(row['observation_count'])} held-out videos {count(row['only_other_right_count'])} are wrong by it "
        f"alone and {count(row['only_model_right_count'])} by the other alone "
        f"(McNemar {p_text(row['p_value'] if p_value is None else p_value)})."
    )


def run_summary(run: Row, runs: Sequence[Row], metrics: Sequence[Row], comparisons: Sequence[Row]) -> str:
    """A fitted model in one sentence.

    Args:
        run: Its row of `ml.model_runs`, still without a summary.
        runs: All runs of its feature set.
        metrics: Rows of `ml.model_metrics` of its feature set.
        comparisons: Rows of `ml.model_comparisons` of its feature set.

    Returns:
        How many held-out videos it gets wrong; for the rule what it says; for the random forest how it stands beside
        the rule and which model is the simplest that nothing clearly beats.
    """
    errors = f"{count(_wrong(metrics, run['model_name']))} of {things(run['test_count'], 'held-out video')} wrong"
    if run["model_name"] == codes.RULE:
        found = json.loads(run["parameters"])
        return f"Found on the training videos: {names.rule(**found)}; {errors}."
    if run["model_name"] != codes.FOREST:
        return f"{capitalise(errors)}."
    against = next(
        (row for row in comparisons if row["model_name"] == codes.FOREST and row["comparison"] == "against_rule"),
        None,
    )
    tested = "" if against is None else f" (McNemar {p_text(against['adjusted_p_value'])})"
    best = next((str(other["model_name"]) for other in runs if other["is_champion"]), codes.FOREST)
    champion = (
        "No simpler model does as well."
        if best == codes.FOREST
        else f"The simplest model that nothing clearly beats is the {names.model(best)}, with "
        f"{count(_wrong(metrics, best))} wrong."
    )
    return f"{capitalise(errors)}, the one-line rule {count(_wrong(metrics, codes.RULE))}{tested}. {champion}"


def _wrong(metrics: Sequence[Row], model_name: str) -> float | None:
    row = next(
        (
            row
            for row in metrics
            if (row["model_name"], row["evaluation"], row["slice"], row["metric"])
            == (model_name, "test", "all", "accuracy")
        ),
        None,
    )
    if row is None or row["metric_value"] is None:
        return None
    return float(round((1 - row["metric_value"]) * row["observation_count"]))


def score_history(row: Row) -> str:
    """How the scores of one release did.

    Args:
        row: Of `agg_score_monitor`.
    """
    lead = f"Release {count(row['release_number'])}:"
    if not row["undecided_count"]:
        return f"{lead} no video without a label was scored."
    shares = [share(row[f"{name}_share"]) for name in ("claim_decision", "opinion_decision", "review")]
    decided = (
        f"{lead} {things(row['undecided_count'], 'video')} without a label; {shares[0]} decided as claims,"
        f" {shares[1]} as opinions, {shares[2]} left to a person; expected to go wrong:"
        f" {decimal(row['expected_missed'], 1)} missed claims, {decimal(row['expected_wasted'], 1)} wasted"
        " reviews."
    )
    if not row["later_labelled_count"]:
        return f"{decided} No label has come since."
    return (
        f"{decided} Of {count(row['later_labelled_count'])} labelled since,"
        f" {things(row['observed_missed_count'], 'claim')} had been missed and"
        f" {things(row['observed_wasted_count'], 'review')} wasted."
    )


def robustness(row: Row) -> str:
    """One number of a robustness check.

    Args:
        row: Of `ml.robustness_checks`.

    Returns:
        A sentence that no other metric of the same check repeats.
    """
    makers = {
        "single_feature": _single_feature,
        "shared_rows": _shared_rows,
        "growth_curve": _growth,
        "more_views": _more_views,
        "transcript_hold_out": _hold_out,
        "repeated_splits": _repeated,
        "looks_simulated": _uniformity,
    }
    if row["metric_value"] is None:
        return f"{capitalise(row['subject'])}: not measured."
    return makers[row["check_name"]](row)


def _single_feature(row: Row) -> str:
    auc = decimal(row["metric_value"], 3)
    if row["subject"] == "file position":
        return f"The position in the delivered file separates the classes with ROC AUC {auc}; it is never a feature."
    if row["subject"] == "video_id":
        return f"The video id separates the classes with ROC AUC {auc}; it is the key and never a feature."
    name = capitalise(names.column(row["subject"]))
    if not row["is_warning"]:
        return f"{name} alone: ROC AUC {auc}."
    return f"{name} alone all but gives the label away (ROC AUC {auc})."


def _shared_rows(row: Row) -> str:
    shared = round(row["metric_value"] * row["observation_count"])
    subject = row["subject"].replace("_", " ")
    return (
        f"{count(shared)} of {things(row['observation_count'], 'test video')} share their {subject} with a training "
        "video."
    )


def _growth(row: Row) -> str:
    part = share(row["metric_value"])
    done = f"finds {part} of the claims" if row["metric"] == "recall" else f"is right on {part} of the videos"
    return f"With {share(growth_share(row))} of the final counts the {names.model(row['model_name'])} {done}."


def _more_views(row: Row) -> str:
    lowered = round(row["metric_value"] * row["observation_count"])
    return (
        f"With ever more views {row['subject']}, the {names.model(row['model_name'])} lowers the score of "
        f"{count(lowered)} of {things(row['observation_count'], 'video')} by more than a tenth somewhere on the way."
    )


def _hold_out(row: Row) -> str:
    lead = f"With {HOLD_OUTS.get(row['subject'], row['subject'])} the {names.model(row['model_name'])} on the words"
    if row["metric"] == "roc_auc":
        return f"{lead} separates the classes with ROC AUC {decimal(row['metric_value'], 3)}."
    return f"{lead} is right on {share(row['metric_value'])} of the transcripts."


def _uniformity(row: Row) -> str:
    column, whose = row["subject"].split(" of ")
    what = f"{capitalise(names.column(column))} of {whose}"
    distance = f"{share(row['metric_value'])} from an even spread (at most {share(row['upper_bound'])})"
    if row["is_warning"]:
        return f"{what} lie {distance}: they look simulated, as no real ones are spread so evenly."
    return f"{what} lie {distance}."


def _repeated(row: Row) -> str:
    over = f"Over {row['subject'].replace('splits', 'random splits')} the {names.model(row['model_name'])}"
    value = decimal(row["metric_value"], 1)
    if row["metric"] == "standard_deviation":
        return f"{over} varies by {value} errors (standard deviation)."
    return f"{over} is wrong {value} times in {count(row['observation_count'])} on average."
