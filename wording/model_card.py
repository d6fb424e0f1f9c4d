"""The card that stands beside every saved model: what it is for, how good it is and on whom."""

import json
from collections.abc import Sequence

from wording import claim_model, codes, names, numbers
from wording.rows import Row

PURPOSE = "Orders videos for review by people. It does not decide about a video or an author, and must not be used to."
LABEL_LIMIT = "Labels come from one source; a wrong label there is a wrong lesson here."
LEAD_IN_LIMIT = (
    "The transcript may give the label away by its lead-in phrase (“someone told me that” against “my opinion is "
    "that”), not by what is claimed. How much is left with lead-ins that training has not heard stands in the "
    "transcript hold-outs of `ml.robustness_checks`; it may be no more than the majority rate."
)
LATE_LIMIT = (
    "Counts are known only after a video has spread. While they are still small the model may miss claims; see the "
    "growth curve in `ml.robustness_checks`."
)
ACCOUNT_LIMIT = "It sees the account and the length alone: too little to decide, so a person does."
KNOWN = {"publication": "known at publication", "after_spread": "known after the video has spread"}
MEASURES = ("accuracy", "precision", "recall", "brier")


def card(run: Row, rule_run: Row, metrics: Sequence[Row], *, decides: bool) -> str:
    """Write the card of a feature set's random forest.

    Args:
        run: Its row of `ml.model_runs`, with its summary.
        rule_run: The row of the one-line rule of the same feature set.
        metrics: Rows of `ml.model_metrics` of the same feature set.
        decides: Whether its score may decide without a person.

    Returns:
        Markdown.
    """
    tested = [row for row in metrics if row["evaluation"] == "test" and row["model_name"] in {codes.FOREST, codes.RULE}]
    features = json.loads(run["features"])
    data = (
        f"Fitted on {numbers.things(run['train_count'], 'labelled video')}, {numbers.share(run['train_claim_share'])} "
        f"of them claims, and measured on {numbers.count(run['test_count'])} others, chosen by a hash of the video’s "
        f"id. Features, {KNOWN[run['known_when']]}: {numbers.listing([names.column(name) for name in features])}."
    )
    lower, upper = (numbers.decimal(run[f"review_{end}_bound"], 3) for end in ("lower", "upper"))
    band = (
        f"Below probability {lower} a video is written as an opinion, from {upper} on as a claim, and a person decides"
        " between. "
    )
    decision = (
        f"{claim_model.rule_in_force(run)} {'' if run['decision_rule'] == codes.PERSON else band}The costs stated are"
        f" {numbers.quantity(run['missed_claim_cost'] / run['wasted_review_cost'])} wasted reviews for a missed claim."
    )
    what = numbers.capitalise(names.model(run["model_name"]))
    made = f"{what}; run `{run['model_run_id']}`, code {run['code_version']}."
    rule = names.rule(**json.loads(rule_run["parameters"]))
    lines = [
        f"# Claim model, feature set {run['feature_set']}",
        "",
        made,
        "",
        "## Intended use",
        "",
        PURPOSE,
        "",
        "## Data",
        "",
        data,
        "",
        "## Measures on held-out videos",
        "",
        f"{run['summary']} The rule: {rule}.",
        "",
        "| Videos | Model | n | Accuracy | Precision | Recall | Brier |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
        *(_line(tested, name, model) for name in _slices(tested) for model in (codes.FOREST, codes.RULE)),
        "",
        decision,
        "",
        "## Limits",
        "",
        *(f"- {limit}" for limit in _limits(features, run["known_when"], decides=decides)),
        "",
    ]
    return "\n".join(lines)


def _slices(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(str(row["slice"]) for row in rows))


def _line(rows: Sequence[Row], name: str, model: str) -> str:
    found = {row["metric"]: row for row in rows if row["slice"] == name and row["model_name"] == model}
    cells = " | ".join(_cell(found[metric]) for metric in MEASURES)
    observed = numbers.count(found["accuracy"]["observation_count"])
    return f"| {names.group(name)} | {names.model(model)} | {observed} | {cells} |"


def _cell(row: Row) -> str:
    if row["metric_value"] is None:
        return "not defined"
    return f"{numbers.decimal(row['metric_value'], 4)} ({numbers.interval(row['lower_bound'], row['upper_bound'], 4)})"


def _limits(features: Sequence[str], known_when: str, *, decides: bool) -> list[str]:
    limits = [LABEL_LIMIT]
    if "video_transcription_text" in features:
        limits.append(LEAD_IN_LIMIT)
    if known_when == "after_spread":
        limits.append(LATE_LIMIT)
    if not decides:
        limits.append(ACCOUNT_LIMIT)
    return limits
