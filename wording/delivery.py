"""What was delivered, and whether the data is sound."""

from wording import codes, numbers
from wording.names import column, feature_set
from wording.rows import Row

DRIFTS_NAMED = 3
TELLS_APART = 0.9
"""ROC AUC from which probabilities are trusted beyond the share that they begin with."""
_MOVED = {"larger": "larger", "smaller": "smaller", "other": "other shares"}


def delivered(reconciliation: list[Row]) -> str:
    """How many records came in, and whether all of them are accounted for."""
    if not reconciliation:
        return "Nothing has been delivered."
    records = sum(row["record_count"] for row in reconciliation)
    rejected = sum(row["rejected_count"] for row in reconciliation)
    files = "one file" if len(reconciliation) == 1 else f"{numbers.count(len(reconciliation))} files"
    lost = (
        "Nothing was lost."
        if all(row["is_reconciled"] for row in reconciliation)
        else "The counts do not add up: see below."
    )
    turned = "none was rejected" if rejected == 0 else f"{numbers.count(rejected)} could not be read and are kept aside"
    return f"We received {numbers.count(records)} records in {files}; {turned}. {lost}"


def origin(reconciliation: list[Row], robustness: list[Row]) -> str:
    """Whether these are real or made-up videos, and whether delivered ones look it.

    Args:
        reconciliation: Rows of `quality.reconciliation`.
        robustness: Rows of `ml.robustness_checks`.
    """
    kinds = {bool(row["is_synthetic"]) for row in reconciliation}
    if kinds == {True}:
        return "These are made-up videos: a synthetic twin of the real data, for trying the product out."
    if kinds == {False}:
        return _looks_simulated(robustness) or "These are delivered videos, not made-up ones."
    return (
        "Delivered and made-up videos stand side by side: do not report these numbers."
        if kinds
        else "There is no data."
    )


def _looks_simulated(robustness: list[Row]) -> str:
    """Whether delivered values are spread as only made-up ones are; nothing where they are not."""
    even = [row["subject"] for row in robustness if row["check_name"] == "looks_simulated" and row["is_warning"]]
    if not even:
        return ""
    told = numbers.listing(
        [f"{column(name)} of {whose}" for name, whose in (subject.split(" of ") for subject in even)]
    )
    return f"These videos were delivered, but look simulated: {told} are spread evenly, as no real ones are."


def missing(columns: list[Row]) -> str:
    """Which columns have gaps."""
    gaps = [row for row in columns if row["null_count"]]
    if not columns:
        return "There are no columns to describe."
    if not gaps:
        return "No value is missing in any column."
    counts = {row["null_count"] for row in gaps}
    if len(counts) == 1:
        return (
            f"Values are missing in {numbers.count(len(gaps))} of {numbers.count(len(columns))} columns, for "
            f"{numbers.count(counts.pop())} videos in each."
        )
    worst = max(gaps, key=lambda row: (row["null_count"], row["column_name"]))
    return (
        f"Values are missing in {numbers.count(len(gaps))} of {numbers.count(len(columns))} columns; most in "
        f"{column(worst['column_name'])}, with {numbers.count(worst['null_count'])} gaps."
    )


def gaps(columns: list[Row]) -> str:
    """Where the gaps are, as a chart's title."""
    found = [row for row in columns if row["null_count"]]
    if not found:
        return "No column has gaps" if columns else "There are no columns to show"
    if len({row["null_count"] for row in found}) == 1:
        return "Every column with gaps has the same number of them"
    worst = max(found, key=lambda row: (row["null_count"], row["column_name"]))
    return f"The most gaps are in {column(worst['column_name'])}"


def audits(results: list[Row]) -> str:
    """How many checks the data passed."""
    if not results:
        return "No check has been run on this data."
    failed = [row for row in results if not row["is_successful"]]
    if not failed:
        return f"The data passed all {numbers.count(len(results))} checks of the audit."
    critical = sum(row["severity"] == "critical" for row in failed)
    kinds = f", {numbers.count(critical)} of them critical" if critical else ", none of them critical"
    return f"The data failed {numbers.count(len(failed))} of {numbers.count(len(results))} checks{kinds}."


def flags(rows: list[Row]) -> str:
    """Whether counts contradict each other."""
    if not rows:
        return "No video has counts that contradict each other."
    total = sum(row["row_count"] for row in rows)
    return (
        f"{numbers.count(total)} videos have counts that contradict each other. They are kept, flagged, and left out of"
        " rates."
    )


def reject_note(rows: list[Row]) -> str:
    """Why records were rejected."""
    if not rows:
        return "Every record could be read."
    parts = [f"{numbers.count(row['row_count'])} for {row['reject_reason'].replace('_', ' ')}" for row in rows]
    return f"Records that could not be read, by reason: {numbers.listing(parts)}."


def repair_note(rows: list[Row]) -> str:
    """What was mended on the way in."""
    if not rows:
        return "Nothing had to be repaired."
    totals: dict[str, int] = {}
    for row in rows:
        totals[row["repair_kind"]] = totals.get(row["repair_kind"], 0) + row["repaired_count"]
    parts = [f"{numbers.count(total)} of the kind “{kind.replace('_', ' ')}”" for kind, total in totals.items()]
    return f"Repairs on the way in, each listed below with an example: {numbers.listing(parts)}."


def superseded(reconciliation: list[Row]) -> str:
    """Whether later deliveries replaced rows of earlier ones."""
    replaced = sum(row["superseded_count"] or 0 for row in reconciliation)
    if replaced == 0:
        return "No delivery replaced a video of an earlier one."
    return (
        f"Later deliveries replaced {numbers.count(replaced)} rows of earlier ones; both are kept, the latest counts."
    )


def unlabelled(statistics: list[Row], scores: list[Row], metrics: list[Row]) -> str:
    """How many unlabelled videos are claims, by the two numbers that say it, and which of them is to be trusted.

    Args:
        statistics: Rows of `ml.statistical_results`.
        scores: Unlabelled videos by the feature set that scored them, the most first, with their mean probability.
        metrics: Rows of `ml.model_metrics`.
    """
    total = sum(row["video_count"] for row in scores)
    scored = [row for row in scores if row["feature_set"] != "unscored"]
    shares = [row for row in statistics if row["term"] == codes.CLAIM_SHARE and row["estimate"] is not None]
    if not total or not scored or not shares:
        return ""
    estimate = shares[0]
    scored_count = sum(row["video_count"] for row in scored)
    mean = sum(row["video_count"] * row["mean_probability"] for row in scored) / scored_count
    most = scored[0]["feature_set"]
    auc = next(
        (
            row["metric_value"]
            for row in metrics
            if (row["feature_set"], row["model_name"], row["metric"]) == (most, "random_forest", "roc_auc")
            and (row["evaluation"], row["slice"]) == ("test", "all")
        ),
        None,
    )
    lead = (
        f"Of {numbers.things(total, 'video')} without a label, the profiles of verified and author status say that"
        f" {numbers.share(estimate['estimate'])} are claims"
        f" ({numbers.share_interval(estimate['lower_bound'], estimate['upper_bound'])}); the probabilities of the model"
        f" average {numbers.share(mean)}."
    )
    if auc is None:
        return lead
    if auc < TELLS_APART:
        return (
            f"{lead} Trust the first for the group and neither for one video: most of the probabilities rest on"
            f" {feature_set(most)} alone, which hardly tells the classes apart (ROC AUC {numbers.decimal(auc, 3)}), so"
            " they stay near the share among labelled videos."
        )
    return (
        f"{lead} Trust the second: it rests on {feature_set(most)}, which tell the classes apart (ROC AUC"
        f" {numbers.decimal(auc, 3)}); the first takes for granted that labels do not change the profiles."
    )


def drift(rows: list[Row]) -> list[str]:
    """Deliveries that differ from what the models learned from, the worst first; nothing where none does.

    Args:
        rows: Of `delivery_drift`.
    """
    numbers_of = sorted({row["delivery_number"] for row in rows if row["verdict"] != "as_before"})
    found = []
    for number in numbers_of:
        moved = [row for row in rows if row["delivery_number"] == number and row["verdict"] != "as_before"]
        is_unlike = any(row["verdict"] == "unlike" for row in moved)
        worst = sorted(moved, key=lambda row: (-row["distance"], row["feature"]))[:DRIFTS_NAMED]
        names = [f"{column(row['feature'])} ({_MOVED[row['direction']]})" for row in worst]
        if len(moved) > len(worst):
            names.append(numbers.things(len(moved) - len(worst), "other feature"))
        what = f"Delivery {numbers.count(number)} {{}} what the models learned from, in {numbers.listing(names)}."
        found.append(
            (not is_unlike, f"{what.format('is unlike')} People decide on each of its videos without a label.")
            if is_unlike
            else (not is_unlike, f"{what.format('differs from')} The models decide on it as before.")
        )
    return [sentence for _, sentence in sorted(found)]


def summary(
    reconciliation: list[Row], columns: list[Row], results: list[Row], flagged: list[Row], robustness: list[Row]
) -> list[str]:
    """The executive summary of the data page."""
    return [
        delivered(reconciliation),
        origin(reconciliation, robustness),
        missing(columns),
        flags(flagged),
        audits(results),
    ]
