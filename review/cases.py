"""Open cases as the current release holds them, read-only: what a reviewer sees."""

from collections.abc import Sequence
from threading import Lock
from typing import Any, NamedTuple

from review.store import Seen
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.protocol import Engine
from warehouse.settings import Settings
from wording.rows import Row

AUDIT_EVERY = 20
"""One case in so many that a desk hands out comes from the audit lane, wherever it stands in the queue."""
CANDIDATES = 500
"""So many of the queue's first cases are offered at once; more reviewers than that never work at the same time."""

# Relations come from the contract, values are bound.
_OPEN = """
    select video_id from {fct_review_queue} order by queue_rank limit {limit}
"""
# The audit lane holds cases that clearing has set aside, too.
_LANE = """
    select video_id from {fct_cases} where is_open and is_audit order by case_id limit {limit}
"""
_PENDING = "select count(*) as pending_count from {fct_review_queue}"
_CASE = """
    select videos.video_id, videos.video_transcription_text, videos.claim_status, videos.verified_status,
        videos.author_ban_status, videos.video_duration_sec, videos.video_view_count, videos.video_like_count,
        videos.video_share_count, videos.video_download_count, videos.video_comment_count,
        queue.queue_rank, queue.claim_probability, queue.decision, queue.reason, queue.waiting_hours,
        cases.is_reopened,
        cases.reporter_count, cases.case_id is not null as is_open,
        coalesce(cases.is_audit, false) as is_audit, cases.audit_probability
    from {fct_videos} as videos
    left join {fct_cases} as cases on videos.video_id = cases.video_id and cases.is_open
    left join {fct_review_queue} as queue on cases.case_id = queue.case_id
    where videos.video_id = $video_id
"""
_ALIKE = """
    select others.video_id
    from {fct_review_queue} as others
    inner join {fct_review_queue} as this on others.statement_id = this.statement_id
    where this.video_id = $video_id and others.video_id <> $video_id
    order by others.queue_rank
    limit 50
"""
_REPORTS = """
    select report_reason, count(*) as report_count, min(reported_at) as first_reported_at
    from {fct_reports}
    where video_id = $video_id
    group by report_reason
    order by report_count desc, report_reason
"""
_RULE = """
    select summary from {model_runs} where model_name = 'one_line_rule' order by known_when, feature_set limit 1
"""


class Case(NamedTuple):
    """One video before a reviewer."""

    video_id: int
    transcript: str
    facts: dict[str, Any]
    """Columns of `fct_videos` and of the queue, by name."""
    alike: tuple[int, ...]
    """Other open videos that say the same words."""
    reports: tuple[Row, ...]
    """How often and since when people reported it, a row per reason."""
    is_audit: bool
    """Whether it belongs to the audit lane, so that its score stays hidden: seeing a model's opinion first sways a
    reviewer."""

    def seen(self, release_id: str) -> Seen:
        """What a reviewer of this case has before them, for the record."""
        if self.is_audit:
            return Seen(release_id, "audit", self.facts["audit_probability"])
        return Seen(release_id, "priority")


def relations() -> dict[str, str]:
    """The tables that the desk reads."""
    return {
        name: contract.relation(name)
        for name in ("fct_cases", "fct_reports", "fct_review_queue", "fct_videos", "model_runs")
    }


class CurrentDesk:
    """The cases of whichever release is current: a new one is opened when it has been published."""

    def __init__(self, settings: Settings) -> None:
        """Open nothing yet.

        Args:
            settings: Where releases stand.
        """
        self._settings = settings
        self._lock = Lock()
        self._opened: tuple[Engine, Desk] | None = None

    def __call__(self) -> "Desk":
        """The cases of the current release.

        Raises:
            WarehouseError: Nothing has been published.
        """
        with self._lock:
            release_id = self._settings.current.resolve().name
            if self._opened is None or self._opened[1].release_id != release_id:
                engine = DuckDBEngine.open_release(self._settings)
                if self._opened is not None:
                    self._opened[0].close()
                self._opened = engine, Desk(engine, release_id)
            return self._opened[1]


class Desk:
    """The cases of one release."""

    def __init__(self, engine: Engine, release_id: str) -> None:
        """Read from an open release.

        Args:
            engine: The release; the desk's own connection.
            release_id: What the reviewer sees, for the record.
        """
        self._engine, self.release_id = engine, release_id
        rule = self._engine.query(_RULE.format(**relations())).to_pylist()
        self.rule = str(rule[0]["summary"]) if rule and rule[0]["summary"] else None

    def open_videos(self) -> list[int]:
        """The open cases in the order in which they should be reviewed."""
        return self._videos(_OPEN)

    def order_for(self, served_count: int) -> Sequence[int]:
        """The open cases for the next one handed out: now and then the audit lane comes first.

        Args:
            served_count: Cases that the reviewer has decided before.
        """
        queue = self.open_videos()
        if served_count % AUDIT_EVERY != AUDIT_EVERY - 1:
            return queue
        return list(dict.fromkeys([*self._videos(_LANE), *queue]))

    def _videos(self, sql: str) -> list[int]:
        rows = self._engine.query(sql.format(**relations(), limit=CANDIDATES)).to_pylist()
        return [row["video_id"] for row in rows]

    def pending_count(self) -> int:
        """How many cases are open in this release."""
        (row,) = self._engine.query(_PENDING.format(**relations())).to_pylist()
        return int(row["pending_count"])

    def case(self, video_id: int) -> Case | None:
        """Everything about one video; None where the release does not hold it."""
        found = self._engine.query(_CASE.format(**relations()), {"video_id": video_id}).to_pylist()
        if not found:
            return None
        alike, reports = (
            self._engine.query(sql.format(**relations()), {"video_id": video_id}).to_pylist()
            for sql in (_ALIKE, _REPORTS)
        )
        return Case(
            video_id=video_id,
            transcript=found[0]["video_transcription_text"] or "",
            facts=found[0],
            alike=tuple(row["video_id"] for row in alike),
            reports=tuple(reports),
            is_audit=found[0]["is_audit"],
        )
