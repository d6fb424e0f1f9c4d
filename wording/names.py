"""What columns, groups, models and orders are called in a sentence: each name once."""

import re

from wording import numbers

METRIC_NOUNS = {
    "video_view_count": "views",
    "video_like_count": "likes",
    "video_share_count": "shares",
    "video_download_count": "downloads",
    "video_comment_count": "comments",
    "video_duration_sec": "seconds of length",
    "duration": "seconds",
    "transcription_character_count": "characters of transcript",
}
STRATUM_WORDS = {
    "all": "all labelled videos",
    "claim": "claims",
    "opinion": "opinions",
    "unlabelled": "unlabelled videos",
}
NOT_VERIFIED = "accounts that are not verified"
VERIFIED = "verified accounts"


def noun(metric: str | None) -> str:
    """What a column, or a metric of the descriptive marts, counts: in the plural."""
    return METRIC_NOUNS.get(metric or "", (metric or "").replace("_", " "))


def stratum(name: str) -> str:
    """The videos that an estimate speaks of."""
    return STRATUM_WORDS.get(name, name)


COLUMN_WORDS = {
    **METRIC_NOUNS,
    "video_duration_sec": "length",
    "duration": "length",
    "transcription_character_count": "length of the transcript",
    "video_transcription_text": "transcript",
    "video_id": "video id",
    "snapshot_at": "time of the snapshot",
    "verified_status": "verified status",
    "author_ban_status": "author status",
    "like_rate": "likes per view",
    "share_rate": "shares per like",
    "download_rate": "downloads per like",
    "comment_rate": "comments per download",
}
_COLUMN_NAME = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
FEATURE_SET_WORDS = {
    "metadata": "account and length",
    "transcript": "words spoken",
    "engagement": "counts of views and the like",
    "full": "all of these together",
    "unscored": "nothing yet",
}
MODEL_WORDS = {
    "majority": "majority rule",
    "one_line_rule": "one-line rule",
    "naive_bayes": "naive Bayes",
    "logistic_regression": "logistic regression",
    "decision_tree": "decision tree",
    "random_forest": "random forest",
    "histogram_gradient_boosting": "gradient boosting",
}
DECISION_WORDS = {"claim": "a claim", "opinion": "an opinion", "needs_review": "a person decides"}
OPERATOR_WORDS = {">=": "at least", "<": "below", "contains": "holds", "lacks": "lacks"}


def column(name: str) -> str:
    """A column in words, as it stands inside a sentence."""
    return COLUMN_WORDS.get(name, name.replace("_", " "))


def spelled(text: str | None) -> str:
    """A term or a subject of a result table with its column names in words."""
    return _COLUMN_NAME.sub(lambda match: column(match[0]), (text or "").replace("%", numbers.PERCENT))


def feature_set(name: str) -> str:
    """What a feature set knows."""
    return FEATURE_SET_WORDS.get(name, name.replace("_", " "))


def model(name: str) -> str:
    """A model; `random_forest, engagement` names its feature set too."""
    candidate, _, known = name.partition(", ")
    words = MODEL_WORDS.get(candidate, candidate.replace("_", " "))
    return f"{words} on {feature_set(known)}" if known else words


def rule(feature: str, operator: str, value: float | str) -> str:
    """The one-line rule as a person would say it."""
    written = f"{value:,.15g}" if isinstance(value, int | float) else f"“{value}”"
    return f"claim where {column(feature)} {OPERATOR_WORDS.get(operator, operator)} {written}"


def group(name: str) -> str:
    """A group of videos that is measured apart, for example `author_ban_status: active`."""
    status, _, value = name.partition(": ")
    return f"{column(status)} {value}" if value else column(name)


def decision(code: str) -> str:
    """A written decision in words."""
    return DECISION_WORDS[code]
