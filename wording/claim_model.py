"""What the claim models can do, beside the simplest ways of doing it."""

from collections.abc import Iterable

from wording import codes, names, numbers
from wording.codes import FOREST, MAJORITY, RULE
from wording.rows import Row

HEADLINE_FEATURE_SET = "engagement"
EARLY_SHARE = 0.1
"""Of the final counts: the point of the growth curve that titles speak of, where it was measured."""
AGAINST_RULE = {
    "clearly better": "The forest is clearly better.",
    "clearly worse": "The forest is clearly worse: use the rule.",
    "no clear difference": "There is no clear difference between the two.",
}
"""Verdict to sentence."""
CONFIDENCE = f"95{numbers.PERCENT}"
"""Of a promise."""
FEATURE_SETS = ("metadata", "transcript", "engagement", "full")


def value(metrics: Iterable[Row], feature_set: str, model: str, metric: str) -> Row | None:
    """One metric on all held-out test videos."""
    return next(
        (
            row
            for row in metrics
            if (row["feature_set"], row["model_name"], row["evaluation"], row["slice"], row["metric"])
            == (feature_set, model, "test", "all", metric)
            and row["metric_value"] is not None
        ),
        None,
    )


def feature_sets(metrics: list[Row]) -> list[str]:
    """Feature sets with a forest that was measured, from the earliest."""
    return [feature_set for feature_set in FEATURE_SETS if value(metrics, feature_set, FOREST, "accuracy") is not None]


def main_feature_set(metrics: list[Row]) -> str | None:
    """The feature set that headlines speak of: the counts, as the forest was asked for, or else what knows most.

    Never the words where there is a choice: they score high because of how texts begin.
    """
    found = feature_sets(metrics)
    return HEADLINE_FEATURE_SET if HEADLINE_FEATURE_SET in found else found[-1] if found else None


def forest(metrics: list[Row]) -> str:
    """The random forest's result."""
    feature_set = main_feature_set(metrics) or ""
    accuracy = value(metrics, feature_set, FOREST, "accuracy")
    if accuracy is None:
        return "No model has been trained on this data."
    larger = larger_class(metrics, feature_set)
    if larger is not None and not tells(metrics, feature_set):
        known = f"From {names.feature_set(feature_set)}"
        lead, then = ("No model", known) if is_no_better_than_majority(metrics) else (f"{known}, no model", "There")
        return (
            f"{lead} tells claims from opinions better than always naming the larger class does"
            f" ({numbers.share(larger)} right). {then}, the random forest is right on"
            f" {numbers.share(accuracy['metric_value'])} of"
            f" {numbers.things(accuracy['observation_count'], 'video')} that it had not seen."
        )
    text = (
        f"From {names.feature_set(feature_set)}, the random forest is right on"
        f" {numbers.share(accuracy['metric_value'])} of "
        f"{numbers.things(accuracy['observation_count'], 'video')} that it had not seen."
    )
    missed, false = (value(metrics, feature_set, FOREST, name) for name in ("missed_claim_count", "false_claim_count"))
    if missed is not None and false is not None:
        text += (
            f" It missed {numbers.things(missed['metric_value'], 'claim')} and took"
            f" {numbers.things(false['metric_value'], 'opinion')} for claims."
        )
    return text


def is_no_better_than_majority(metrics: list[Row]) -> bool:
    """Whether no model of any feature set is clearly above the share of the larger class."""
    found = feature_sets(metrics)
    measured = [name for name in found if value(metrics, name, MAJORITY, "accuracy") is not None]
    return bool(measured) and not any(tells(metrics, name) for name in found)


def tells(metrics: list[Row], feature_set: str) -> bool:
    """Whether some model of a feature set is clearly above the share of the larger class."""
    larger = larger_class(metrics, feature_set)
    found = [
        row
        for name in names.MODEL_WORDS
        if name != MAJORITY and (row := value(metrics, feature_set, name, "accuracy")) is not None
    ]
    return larger is None or any(row["lower_bound"] is not None and row["lower_bound"] > larger for row in found)


def larger_class(metrics: list[Row], feature_set: str) -> float | None:
    """The share of the larger class among the held-out videos, whichever was the larger one in training."""
    majority = value(metrics, feature_set, MAJORITY, "accuracy")
    return None if majority is None else max(majority["metric_value"], 1 - majority["metric_value"])


def against_rule(metrics: list[Row], comparisons: list[Row]) -> str:
    """The forest beside the one-line rule."""
    feature_set = main_feature_set(metrics)
    if feature_set is None:
        return "There is nothing to compare yet."
    rule = value(metrics, feature_set, RULE, "accuracy")
    if rule is None:
        return "No simple rule was measured beside it."
    lead = f"A rule of one line is right on {numbers.share(rule['metric_value'])} of the same videos."
    row = next(
        (
            row
            for row in comparisons
            if row["feature_set"] == feature_set and row["model_name"] == FOREST and row["comparison"] == "against_rule"
        ),
        None,
    )
    if row is None:
        return lead
    return f"{lead} {AGAINST_RULE.get(row['verdict'], '')}".strip()


def rule_in_force(run: Row) -> str:
    """What decides about the videos that a feature set scores.

    Args:
        run: The random forest's row of `ml.model_runs`.
    """
    known = names.feature_set(run["feature_set"])
    if run["decision_rule"] == codes.PERSON:
        return f"From {known} a person always decides: its scores say too little."
    missed, wasted = (numbers.share(run[f"{name}_share_limit"]) for name in ("missed", "wasted"))
    if run["decision_rule"] == codes.PROMISE:
        return (
            f"From {known} a promise is in force, with {CONFIDENCE} confidence: at most {missed} of the claims"
            f" are taken for opinions, at most {wasted} of the opinions for claims."
        )
    shown, needed = run["missed_share_bound"], run["needed_claim_count"]
    found = "" if shown is None else f"; what can be shown is at most {numbers.share(shown)}"
    takes = (
        ""
        if needed is None or needed <= (run["calibration_claim_count"] or 0)
        else f"; it would take about {numbers.things(needed, 'labelled claim')} set aside for it, and there are"
        f" {numbers.count(run['calibration_claim_count'])}"
    )
    return (
        f"From {known} the costs decide: that at most {missed} of the claims are taken for opinions cannot be promised"
        f" while leaving people at most a fifth of the videos{found}{takes}."
    )


def written(decisions: list[Row]) -> str:
    """What is written about the claims among the held-out videos.

    Args:
        decisions: Rows of `ml.written_decisions`.
    """
    found = {
        (row["claim_status"], row["decision"]): row for row in decisions if row["slice"] == "all" and row["label_count"]
    }
    missed, wasted = found.get(("claim", "opinion")), found.get(("opinion", "claim"))
    if missed is None or wasted is None:
        return "Nothing has been decided about videos with a known label."
    review = sum(row["video_count"] for (_, decision), row in found.items() if decision == "needs_review")
    total = missed["label_count"] + wasted["label_count"]
    return (
        f"Of {numbers.things(missed['label_count'], 'claim')} that training had not seen"
        f" {numbers.count(missed['video_count'])} would pass as opinions, of"
        f" {numbers.things(wasted['label_count'], 'opinion')} {numbers.count(wasted['video_count'])} would be called"
        f" claims; {numbers.share(review / total)} of both go to a person."
    )


def champion(metrics: list[Row], runs: list[Row]) -> str:
    """The simplest model that no other beats clearly."""
    feature_set = main_feature_set(metrics)
    name = next((run["model_name"] for run in runs if run["feature_set"] == feature_set and run["is_champion"]), None)
    if name is None:
        return "Which model is the simplest that nothing beats was not decided."
    if name == FOREST:
        return "No simpler model does as well as the forest."
    return f"The simplest model that nothing clearly beats is the {names.model(name)}."


def words(robustness: list[Row]) -> str:
    """What is left of the transcript scores without the openings of the texts."""
    whole, rest = (_hold_out(robustness, name) for name in ("random", "without lead-in"))
    if whole is None or rest is None:
        return "Scores from the words may rest on how texts begin; this was not checked here."
    before, left = numbers.share(whole["metric_value"]), numbers.share(rest["metric_value"])
    if whole["lower_bound"] > rest["upper_bound"]:
        return (
            f"Scores from the words rest on how texts begin. Over folds drawn at random the forest is right on {before}"
            f" with the opening, on what is said after it on {left}."
        )
    return (
        f"How texts begin makes no clear difference to scores from the words: the forest is right on {before} with the"
        f" opening and on {left} without."
    )


def _hold_out(robustness: list[Row], subject: str) -> Row | None:
    return next(
        (
            row
            for row in robustness
            if (row["check_name"], row["subject"], row["model_name"], row["metric"])
            == ("transcript_hold_out", subject, FOREST, "accuracy")
            and row["metric_value"] is not None
        ),
        None,
    )


def early(metrics: list[Row], runs: list[Row]) -> str:
    """What can be told when a video is published."""
    known = {run["feature_set"] for run in runs if run["known_when"] == "publication"}
    found = [feature_set for feature_set in feature_sets(metrics) if feature_set in known]
    if not found:
        return "No model was measured that works when a video is published."
    parts = [
        f"{numbers.share(row['metric_value'])} from {names.feature_set(feature_set)}"
        for feature_set in found
        if (row := value(metrics, feature_set, FOREST, "accuracy")) is not None
    ]
    return f"Counts of views come late. At the time of publication the forest is right on {numbers.listing(parts)}."


def waiting_for_counts(metrics: list[Row], runs: list[Row]) -> str:
    """Whether more claims are found once the counts are known, as a chart's title."""
    late = {run["feature_set"] for run in runs if run["known_when"] != "publication"}
    found = {
        feature_set: row
        for feature_set in feature_sets(metrics)
        if (row := value(metrics, feature_set, FOREST, "recall")) is not None and row["lower_bound"] is not None
    }
    after = [row for feature_set, row in found.items() if feature_set in late]
    before = [row for feature_set, row in found.items() if feature_set not in late]
    if not after or not before:
        return "What is known when a video is published, and later"
    if max(row["lower_bound"] for row in after) > max(row["upper_bound"] for row in before):
        return "With the counts more claims are found, but by then people have seen the video"
    return "The counts make no clear difference to what can be told at publication"


def leans_on(feature_set: str, row: Row) -> str:
    """Which column a forest needs most, as a chart's title.

    Args:
        feature_set: The forest's.
        row: Of `ml.feature_importance`, the largest permutation importance.
    """
    lead = f"From {names.feature_set(feature_set)}"
    if row["lower_bound"] is not None and row["lower_bound"] <= 0:
        return f"{lead}: the forest leans clearly on no single column"
    return f"{lead}: the forest leans most on {names.column(row['feature'])}"


def caution(robustness: list[Row]) -> str:
    """How many warnings the checks gave."""
    warnings = warning_sentences(robustness)
    if not robustness:
        return "What could make the scores look better than they are was not checked."
    if not warnings:
        return "We looked for reasons why the scores may flatter the models and found none."
    return (
        f"We looked for reasons why the scores may flatter the models, and found {numbers.count(len(warnings))}; each"
        " is listed with the checks of the models."
    )


def growth_share(row: Row) -> float:
    """The share of the final counts that a row of the growth curve speaks of."""
    return float(row["subject"].partition("%")[0]) / 100


def growth(robustness: list[Row]) -> str:
    """What the forest finds while counts are small, as a chart's title."""
    found = {
        growth_share(row): row["metric_value"]
        for row in robustness
        if (row["check_name"], row["metric"]) == ("growth_curve", "recall")
        and row["model_name"] == f"{FOREST}, {HEADLINE_FEATURE_SET}"
        and row["metric_value"] is not None
    }
    if not found:
        return "What is found while counts are small was not measured"
    early = min(found, key=lambda place: (abs(place - EARLY_SHARE), place))
    last = max(found)
    return (
        f"With {numbers.share(early)} of the final counts the forest finds {numbers.share(found[early])} of the claims,"
        f" with {numbers.share(last)} of them {numbers.share(found[last])}"
    )


def groups(accuracies: list[Row]) -> str:
    """Whether the forest is as good for every group, as a chart's title.

    Args:
        accuracies: Of `ml.model_metrics`, the forest's accuracy on each slice.
    """
    low = min(accuracies, key=lambda row: (row["metric_value"], row["slice"]))
    high = max(accuracies, key=lambda row: (row["metric_value"], row["slice"]))
    if stands_out(low, high):
        return (
            f"The forest does less well for {names.group(low['slice'])} ({numbers.share(low['metric_value'])} right)"
            f" than for {names.group(high['slice'])} ({numbers.share(high['metric_value'])})"
        )
    if low["metric_value"] == high["metric_value"]:
        return f"The forest is right on {numbers.share(low['metric_value'])} of the videos of every group"
    between = f"{numbers.share(low['metric_value'])} to {numbers.share(high['metric_value'])}"
    return f"No group clearly stands out: the forest is right on {between} of the videos of each"


def stands_out(low: Row, high: Row) -> bool:
    """Whether the intervals of two groups lie apart."""
    if low["upper_bound"] is None or high["lower_bound"] is None:
        return False
    return bool(low["upper_bound"] < high["lower_bound"])


def warning_sentences(robustness: list[Row]) -> list[str]:
    """What warns of scores that flatter the models, each once."""
    return list(dict.fromkeys(row["sentence"] for row in robustness if row["is_warning"]))


def costs(runs: list[Row]) -> str:
    """How errors are weighed."""
    row = next(
        (run for run in runs if run["model_name"] == FOREST and run["missed_claim_cost"] and run["wasted_review_cost"]),
        None,
    )
    if row is None:
        return "A missed claim is worse than an opinion that is sent to review."
    ratio = row["missed_claim_cost"] / row["wasted_review_cost"]
    if ratio <= 1:
        return "The stated costs count a missed claim no more than an opinion that is sent to review."
    return f"A missed claim is counted {numbers.quantity(ratio)} times as bad as an opinion that is sent to review."


def summary(metrics: list[Row], comparisons: list[Row], runs: list[Row], robustness: list[Row]) -> list[str]:
    """The executive summary of the page on the claim model."""
    return [
        forest(metrics),
        against_rule(metrics, comparisons),
        champion(metrics, runs),
        early(metrics, runs),
        words(robustness),
        caution(robustness),
        costs(runs),
        "The model puts videos in order. People decide.",
    ]
