"""What columns, groups, models and orders are called in a sentence: each name once."""

METRIC_NOUNS = {
    "video_view_count": "views",
    "video_like_count": "likes",
    "video_share_count": "shares",
    "video_download_count": "downloads",
    "video_comment_count": "comments",
    "video_duration_sec": "seconds of length",
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
    """What a column counts, in the plural."""
    return METRIC_NOUNS.get(metric or "", (metric or "").replace("_", " "))


def stratum(name: str) -> str:
    """The videos that an estimate speaks of."""
    return STRATUM_WORDS.get(name, name)
