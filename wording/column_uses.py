"""What each delivered column is good for: its part in the house, when it is known, and what it tells by itself."""

from collections.abc import Sequence

from warehouse import contract
from wording.delivery import TELLS_APART
from wording.rows import Row

PARTS = {
    "video_id": "The key, and never a feature.",
    "claim_status": "The label as delivered. The claim models learn it, unless a person decided otherwise.",
    "video_transcription_text": "The words.",
    "verified_status": "The outcome of the regression and a group that we check for fairness.",
    "author_ban_status": "A group that we check for fairness; it weighs nothing in the queue.",
    "snapshot_at": "When the counts were read. It orders deliveries and is never a feature.",
}
FILE_POSITION = "file position"
IN_PART = 0.7
"""ROC AUC from which a column by itself is said to tell the classes apart in part."""
_KNOWN = {"publication": "Known at once.", "after_spread": "Known only after the video has spread."}
CHANCE = 0.5


def use(name: str, robustness: Sequence[Row]) -> str:
    """What one delivered column is good for.

    Args:
        name: Of the column.
        robustness: Rows of `ml.robustness_checks`; without the column's own, nothing is said of what it tells.
    """
    moments = {entry.name: entry.meta.get("known_when") for entry in contract.columns("video_features")}
    moment = _KNOWN.get(moments.get(name) or "", "")
    return " ".join(part for part in (moment, PARTS.get(name, ""), _told(name, robustness)) if part)


def left_out(robustness: Sequence[Row]) -> list[str]:
    """What no model may use, and what it would give away."""
    order = _told(FILE_POSITION, robustness)
    return [
        f"No model may use the order of the rows or their running number (#). {order}".strip(),
        "Counts are not known when a video is published. A model that uses them says so.",
    ]


def _told(name: str, robustness: Sequence[Row]) -> str:
    """How well it tells claims from opinions by itself, in words of the interval of its ROC AUC."""
    row = next((row for row in robustness if row["check_name"] == "single_feature" and row["subject"] == name), None)
    if row is None or row["metric_value"] is None:
        return ""
    if row["is_warning"]:
        return "By itself it all but gives the label away."
    if row["lower_bound"] is None or row["lower_bound"] <= CHANCE:
        return "By itself it does not clearly tell claims from opinions."
    if row["metric_value"] >= TELLS_APART:
        return "By itself it tells claims from opinions well."
    if row["metric_value"] >= IN_PART:
        return "By itself it tells claims from opinions in part."
    return "By itself it hardly tells claims from opinions."
