"""The terms of the regression on verified status: which columns, in which units, against which reference."""

import pandas as pd

from ml.questions.results import Result
from wording.codes import OPINION_TERM, VERIFIED_REGRESSION

OUTCOME = "is_verified"
NUMBERS: dict[str, tuple[str, float]] = {
    "duration per second": ("video_duration_sec", 1),
    "views per 100,000": ("video_view_count", 100_000),
    "shares per 10,000": ("video_share_count", 10_000),
    "downloads per 1,000": ("video_download_count", 1_000),
    "comments per 1,000": ("video_comment_count", 1_000),
}
"""Term to column and unit. Likes are left out: they repeat views and downloads."""
CATEGORIES: dict[str, tuple[str, str, str]] = {
    OPINION_TERM: ("label", "opinion", "claim"),
    "author_ban_status banned": ("author_ban_status", "banned", "active"),
    "author_ban_status under review": ("author_ban_status", "under review", "active"),
}
"""Term to column, value and the value that it is compared with."""
GROUPS = {
    "claim status": (OPINION_TERM,),
    "author status": ("author_ban_status banned", "author_ban_status under review"),
    "duration": ("duration per second",),
    "engagement counts": ("views per 100,000", "shares per 10,000", "downloads per 1,000", "comments per 1,000"),
}
COLUMNS = tuple(
    dict.fromkeys([column for column, _ in NUMBERS.values()] + [column for column, _, _ in CATEGORIES.values()])
)


def design_terms(videos: pd.DataFrame) -> pd.DataFrame:
    """Terms of the regression from columns of fct_videos."""
    numbers = {term: videos[column].astype(float) / unit for term, (column, unit) in NUMBERS.items()}
    categories = {term: (videos[column] == value).astype(float) for term, (column, value, _) in CATEGORIES.items()}
    return pd.DataFrame({**categories, **numbers}, index=videos.index)


def base_result(term: str, method: str) -> Result:
    """A row of this question, to be completed."""
    return Result(VERIFIED_REGRESSION, OUTCOME, "all", term, method)
