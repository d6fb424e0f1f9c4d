"""The desk in a reviewer's hands: cases, decisions, undo, and what it refuses."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from review.app import create_app
from review.cases import Case
from review.store import Seen, Store

HOST = "127.0.0.1:8765"
WORDS = "i read that <script>alert(1)</script> the moon is hollow"


REPORTS = (
    {"report_reason": "misinformation", "report_count": 2, "first_reported_at": datetime(2026, 3, 4)},  # noqa: DTZ001
    {"report_reason": None, "report_count": 1, "first_reported_at": datetime(2026, 3, 12)},  # noqa: DTZ001
)


class Cases:
    """Three open videos and a decided one; 3 says the same as 1, and 2 belongs to the audit lane."""

    release_id, rule = "release-1", "at least 10,000 views"

    def order_for(self, _served: int) -> list[int]:
        return [1, 2, 3]

    def pending_count(self) -> int:
        return 3

    def case(self, video_id: int) -> Case | None:
        if video_id not in (1, 2, 3, 9):
            return None
        facts = {
            **dict.fromkeys(("verified_status", "author_ban_status", "video_view_count", "video_like_count")),
            **dict.fromkeys(("video_share_count", "video_download_count", "video_comment_count"), 1_234),
            "video_duration_sec": 20,
            "claim_status": "claim" if video_id == 9 else None,
            "is_open": video_id != 9,
            "claim_probability": 0.75,
            "reason": "likely_claim",
            "waiting_hours": 30.2,
            "reporter_count": 2,
            "is_reopened": False,
            "audit_probability": 0.05,
        }
        return Case(video_id, WORDS, facts, {1: (3,), 3: (1,)}.get(video_id, ()), REPORTS, is_audit=video_id == 2)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "desk")


def client_of(store: Store, reviewer: str = "ada") -> FlaskClient:
    return create_app(Cases, store, reviewer, 8765).test_client()


def get(client: FlaskClient, path: str, **headers: str):
    return client.get(path, base_url=f"http://{HOST}", headers=headers)


def post(client: FlaskClient, path: str, *, headers: dict[str, str] | None = None, **form: str):
    token = re.search(r'name="token" value="([^"]+)"', get(client, "/today").text)
    assert token is not None
    return client.post(path, base_url=f"http://{HOST}", data={"token": token[1], **form}, headers=headers)


def test_five_decisions_one_after_the_other(store: Store) -> None:
    client = client_of(store)
    seen = []
    for decision in ("claim", "opinion", "skipped"):
        path = get(client, "/").headers["Location"]
        seen.append(path)
        assert post(client, path, decision=decision).status_code == 303
    assert seen == ["/case/1", "/case/2", "/case/3"]
    assert "No open case" in get(client, "/").text
    assert get(client_of(store, "ben"), "/").headers["Location"] == "/case/3", "what ada skipped is open for others"
    assert "3 decisions since midnight" in get(client, "/today").text


def test_one_decision_for_all_that_say_the_same(store: Store) -> None:
    client = client_of(store)
    assert "1 other open video with the same words" in get(client, "/case/1").text
    post(client, "/case/1", decision="claim", alike="1")
    assert store.decided([1, 2, 3]) == {1, 3}


def test_undo_brings_the_case_back(store: Store) -> None:
    client = client_of(store)
    post(client, "/case/2", decision="opinion")
    assert post(client, "/undo").headers["Location"] == "/case/2"
    assert store.decided([2]) == set()
    assert post(client, "/undo").headers["Location"] == "/"


def test_a_case_before_another_reviewer_shows_no_buttons(store: Store) -> None:
    ada, ben = client_of(store), client_of(store, "ben")
    assert 'name="decision"' in get(ada, "/case/1").text
    assert 'name="decision"' not in get(ben, "/case/1").text
    refused = post(ben, "/case/1", decision="claim")
    assert refused.status_code == 409
    assert "another reviewer" in refused.text
    assert 'name="decision"' not in get(ada, "/case/9").text, "and a labelled one neither"


def test_the_score_hides_behind_a_switch_and_always_in_the_audit_lane(store: Store) -> None:
    client = client_of(store)
    assert "probability of a claim" not in get(client, "/case/1").text
    post(client, "/switch", name="score", is_on="1")
    assert "probability of a claim. Likely a claim." in get(client, "/case/1").text
    assert "at least 10,000 views" in get(client, "/case/1").text
    assert "probability of a claim" not in get(client, "/case/2").text


def test_without_single_keys_no_script_is_sent(store: Store) -> None:
    client = client_of(store)
    assert "<script>" in get(client, "/case/2").text
    post(client, "/switch", name="keys", is_on="0")
    assert "<script>" not in get(client, "/case/2").text


def test_a_transcript_is_inert_and_nothing_is_kept(store: Store) -> None:
    answer = get(client_of(store), "/case/1")
    assert "&lt;script&gt;alert(1)" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_other_hosts_origins_and_forms_without_a_token_are_refused(store: Store) -> None:
    client = client_of(store)
    assert client.get("/", base_url="http://evil.example:8765").status_code == 421
    evil = {"Origin": "http://evil.example"}
    assert post(client, "/case/1", headers=evil, decision="claim").status_code == 403
    assert client.post("/case/1", base_url=f"http://{HOST}", data={"decision": "claim"}).status_code == 403
    assert post(client, "/case/1", headers={"Origin": f"http://{HOST}"}, decision="claim").status_code == 303
    assert store.decided([1]) == {1}


def test_bad_input_is_a_page_not_a_crash(store: Store) -> None:
    client = client_of(store)
    assert get(client, "/case/77").status_code == 404
    assert post(client, "/case/2", decision="perhaps").status_code == 400
    for wanted in ("77", "abc", "-1", "9" * 40, "%00"):
        assert get(client, f"/search?video={wanted}").status_code == 404
    assert get(client, "/search?video=2").headers["Location"] == "/case/2"
    assert get(client, "/nowhere").status_code == 404


def test_a_case_shows_its_reports_and_says_in_words_why_it_is_here(store: Store) -> None:
    client = client_of(store)
    post(client, "/switch", name="score", is_on="1")
    page = get(client, "/case/1").text
    assert "Misinformation: 2 reports, the first on 4 March 2026" in page
    assert "No reason given: one report, on 12 March 2026" in page
    assert "Reported by 2. Waiting for 30 hours." in page
    assert "likely_claim" not in page


def test_videos_decided_along_with_one_of_the_lane_are_not_of_the_lane(store: Store) -> None:
    store.decide("ada", [2, 3], "claim", Seen("release-1", "audit", 0.05))
    with store._connected() as connection:
        rows = connection.execute("select video_id, lane, selection_probability from decisions order by 1").fetchall()
    assert [tuple(row) for row in rows] == [(2, "audit", 0.05), (3, "priority", None)]
