"""Open cases as the current release holds them: what a reviewer sees, read-only."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from review import lane
from warehouse import contract
from warehouse.errors import WarehouseError
from warehouse.protocol import Engine

CANDIDATES = 500
"""So many of the queue's first cases are offered to the leases; more reviewers than that never work at once."""

_QUEUE = """
    select case_id, video_id from {fct_review_queue} order by queue_rank limit $limit
"""
_OPEN = """
    select cases.case_id, cases.video_id from {fct_cases} as cases where cases.is_open order by cases.case_id
"""
_CASE = """
    select queue.*, videos.video_transcription_text, videos.verified_status, videos.author_ban_status,
        videos.video_duration_sec, videos.video_view_count, videos.video_like_count, videos.video_share_count,
        videos.video_download_count, videos.video_comment_count, videos.label, videos.label_source
    from {fct_videos} as videos
    left join {fct_review_queue} as queue on videos.video_id = queue.video_id
    where videos.video_id = $video_id
"""
_REPORTS = """
    select report_reason, count(*) as report_count, min(reported_at) as first_reported_at,
        max(reported_at) as last_reported_at
    from {fct_reports}
    where video_id = $video_id
    group by report_reason
    order by report_count desc, report_reason
"""


class Reference(NamedTuple):
    """A case in the queue."""

    case_id: str
    video_id: int


__all__ = ["Reference", "lane", "Sequence", "Any", "contract", "WarehouseError", "Engine"]
