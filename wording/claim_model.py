"""What the claim models can do, beside the simplest ways of doing it."""

from collections.abc import Iterable

from wording import numbers
from wording.rows import Row

FOREST, RULE, MAJORITY = "random_forest", "one_line_rule", "majority"
HEADLINE_FEATURE_SET = "engagement"
FEATURE_SETS = ("metadata", "transcript", "engagement", "full")
FEATURE_SET_WORDS = {
    "metadata": "account and length",
    "transcript": "words spoken",
    "engagement": "counts of views and the like",
    "full": "all of these together",
}
MODEL_WORDS = {
    "majority": "always the larger class",
    "one_line_rule": "one-line rule",
    "naive_bayes": "naive Bayes",
    "logistic_regression": "logistic regression",
    "decision_tree": "decision tree",
    "random_forest": "random forest",
    "histogram_gradient_boosting": "gradient boosting",
}


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


def feature_set_text(feature_set: str) -> str:
    """A feature set in words."""
    return FEATURE_SET_WORDS.get(feature_set, feature_set)


def model_text(name: str) -> str:
    """A model in words."""
    return MODEL_WORDS.get(name, name.replace("_", " "))


def forest(metrics: list[Row]) -> str:
    """The random forest's result."""
    feature_set = main_feature_set(metrics) or ""
    accuracy = value(metrics, feature_set, FOREST, "accuracy")
    if accuracy is None:
        return "No model has been trained on this data."
    text = (
        f"From {feature_set_text(feature_set)}, the random forest is right on"
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
    verdict = {
        "clearly better": "The forest is clearly better.",
        "clearly worse": "The forest is clearly worse: use the rule.",
        "no clear difference": "There is no clear difference: the forest adds nothing that the rule lacks.",
    }
    return f"{lead} {verdict.get(row['verdict'], '')}".strip()


def champion(metrics: list[Row], runs: list[Row]) -> str:
    """The simplest model that no other beats clearly."""
    feature_set = main_feature_set(metrics)
    name = next((run["model_name"] for run in runs if run["feature_set"] == feature_set and run["is_champion"]), None)
    if name is None:
        return "Which model is the simplest that nothing beats was not decided."
    if name == FOREST:
        return "No simpler model does as well as the forest."
    return f"The simplest model that nothing clearly beats is the {model_text(name)}."


def words(robustness: list[Row]) -> str:
    """What is left of the transcript scores without the openings of the texts."""
    row = next(
        (
            row
            for row in robustness
            if (row["check_name"], row["subject"], row["model_name"], row["metric"])
            == ("transcript_hold_out", "without lead-in", FOREST, "accuracy")
            and row["metric_value"] is not None
        ),
        None,
    )
    if row is None:
        return "Scores from the words may rest on how texts begin; this was not checked here."
    left = numbers.share(row["metric_value"])
    if row["is_warning"]:
        return (
            f"Scores from the words rest on how texts begin. On what is said after that, the forest is right on {left}."
        )
    return f"On what is said after the opening of the texts, the forest is still right on {left}."


def early(metrics: list[Row], runs: list[Row]) -> str:
    """What can be told when a video is published."""
    known = {run["feature_set"] for run in runs if run["known_when"] == "publication"}
    found = [feature_set for feature_set in feature_sets(metrics) if feature_set in known]
    if not found:
        return "No model was measured that works when a video is published."
    parts = [
        f"{numbers.share(row['metric_value'])} from {feature_set_text(feature_set)}"
        for feature_set in found
        if (row := value(metrics, feature_set, FOREST, "accuracy")) is not None
    ]
    return f"Counts of views come late. At the time of publication the forest is right on {numbers.listing(parts)}."


def caution(robustness: list[Row]) -> str:
    """The first warning of the audits."""
    warnings = [row for row in robustness if row["is_warning"]]
    if not robustness:
        return "What could make the scores look better than they are was not checked."
    if not warnings:
        return "We looked for reasons why the scores may flatter the models and found none."
    return (
        f"We looked for reasons why the scores may flatter the models, and found {numbers.count(len(warnings))}; they"
        " are listed below."
    )


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
    return f"A missed claim is counted {numbers.times(ratio)} as bad as an opinion that is sent to review."


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
