"""The desk: server-rendered pages on this machine alone, one reviewer each, every change by a form with a token."""

import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, redirect, request
from werkzeug.exceptions import HTTPException

import web.pages
from review.cases import Case, Desk
from review.store import DECISIONS, Store
from warehouse.errors import ClaimsError
from wording import numbers, review_queue

HERE = Path(__file__).parent
HOST = "127.0.0.1"
# What a switch is called in the store, whether it is on at first, and the words on its button.
SWITCHES = (
    ("score", False, "Show the model's score", "Hide the model's score"),
    ("keys", True, "Switch single keys on", "Switch single keys off"),
    ("large", False, "Large print", "Normal print"),
)
_FACTS = (
    ("Author", ("verified_status", "author_ban_status")),
    ("Length", ("video_duration_sec",)),
    ("Views", ("video_view_count",)),
    ("Likes", ("video_like_count",)),
    ("Shares", ("video_share_count",)),
    ("Downloads", ("video_download_count",)),
    ("Comments", ("video_comment_count",)),
)


def create_app(desk: Callable[[], Desk], store: Store, reviewer: str, port: int) -> Flask:
    """The application.

    Args:
        desk: Returns the open cases of the current release.
        store: Where decisions go.
        reviewer: Who sits here.
        port: Where it is served; requests for another host or port are refused.
    """
    app = Flask(__name__, static_folder=None, template_folder=None)
    pages = _Pages(desk, store, reviewer)
    _guard(app, pages, {f"{HOST}:{port}", f"localhost:{port}"})
    for method, path, view in (
        ("GET", "/", pages.next_case),
        ("GET", "/case/<int:video_id>", pages.show_case),
        ("POST", "/case/<int:video_id>", pages.decide),
        ("POST", "/undo", pages.undo),
        ("POST", "/switch", pages.switch),
        ("GET", "/search", pages.search),
        ("GET", "/today", pages.today),
    ):
        app.add_url_rule(path, view.__name__, view, methods=[method])
    app.register_error_handler(HTTPException, pages.refused)
    app.register_error_handler(ClaimsError, pages.explained)
    return app


def _guard(app: Flask, pages: "_Pages", own: set[str]) -> None:
    """Take requests for this address alone, changes from our own forms alone, and send every page under our headers."""

    @app.before_request
    def check() -> None:
        # A page elsewhere may name this address: neither its name for it nor its forms are taken.
        if request.host not in own:
            abort(HTTPStatus.MISDIRECTED_REQUEST)
        if request.method == "POST":
            origin = request.headers.get("Origin")
            if origin is not None and origin not in {f"http://{host}" for host in own}:
                abort(HTTPStatus.FORBIDDEN)
            if not hmac.compare_digest(request.form.get("token", "").encode(), pages.token.encode()):
                abort(HTTPStatus.FORBIDDEN)

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.update(web.pages.security_headers(pages.policy))
        # Without a referrer a browser sends our own forms with the origin "null".
        response.headers["Referrer-Policy"] = "same-origin"
        return response


class _Pages:
    """What the desk shows to one reviewer."""

    def __init__(self, desk: Callable[[], Desk], store: Store, reviewer: str) -> None:
        self._desk, self._store, self._reviewer = desk, store, reviewer
        self._environment = web.pages.environment(HERE / "templates")
        self._style = web.pages.style() + web.pages.asset(HERE / "desk.css")
        self._script = web.pages.asset(HERE / "keys.js")
        self.policy = web.pages.content_policy(self._style, self._script, form_action="'self'")
        self.token = secrets.token_urlsafe(32)

    def _render(self, template: str, *, heading: str, here: str = "", message: str = "", **values: Any) -> str:
        is_on = {name: self._store.is_on(self._reviewer, name, default=default) for name, default, _, _ in SWITCHES}
        return self._environment.get_template(template).render(
            heading=heading,
            here=here,
            message=message,
            policy=self.policy,
            style=self._style,
            script=self._script if is_on["keys"] else "",
            has_keys=is_on["keys"],
            is_large=is_on["large"],
            shows_score=is_on["score"],
            switches=[(name, is_on[name], on, off) for name, _, on, off in SWITCHES],
            reviewer=self._reviewer,
            pending=numbers.count(self._desk().pending_count()),
            release_id=self._desk().release_id,
            token=self.token,
            **values,
        )

    def decided_today(self) -> list[Any]:
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return self._store.decisions_of(self._reviewer, midnight)

    def next_case(self) -> Any:
        """Lease the next case and go there; what this reviewer skipped is left to others."""
        skipped = self._store.skipped_by(self._reviewer)
        order = [video for video in self._desk().order_for(len(self.decided_today())) if video not in skipped]
        video_id = self._store.lease(self._reviewer, order)
        if video_id is None:
            return self._render("empty.html", heading="No open case", here="case")
        return redirect(f"/case/{video_id}")

    def show_case(self, video_id: int) -> Any:
        """One video, with buttons where this reviewer holds it."""
        found = self._desk().case(video_id)
        if found is None:
            abort(HTTPStatus.NOT_FOUND)
        is_decided = not found.facts["is_open"] or bool(self._store.decided([video_id]))
        is_held = not is_decided and self._store.take(self._reviewer, video_id)
        return self._render(
            "case.html",
            heading=f"Video {video_id}",
            here="case",
            case=found,
            is_held=is_held,
            not_held="This video is decided." if is_decided else "This video is before another reviewer just now.",
            facts=_facts(found),
            reports=[review_queue.reported(row) for row in found.reports],
            score=_score(found),
            rule=self._desk().rule,
        )

    def decide(self, video_id: int) -> Any:
        """Record a decision, on the disk before the answer leaves."""
        found, decision = self._desk().case(video_id), request.form.get("decision", "")
        if found is None or decision not in DECISIONS:
            abort(HTTPStatus.BAD_REQUEST)
        seen = found.seen(self._desk().release_id)
        alike = found.alike if "alike" in request.form else ()
        self._store.decide(self._reviewer, [video_id, *alike], decision, seen)
        return redirect("/", HTTPStatus.SEE_OTHER)

    def undo(self) -> Any:
        """Take the newest decision back and show its case."""
        undone = self._store.undo(self._reviewer)
        return redirect("/" if undone is None else f"/case/{undone.video_id}", HTTPStatus.SEE_OTHER)

    def switch(self) -> Any:
        """Remember a switch."""
        if (name := request.form.get("name", "")) in {known for known, *_ in SWITCHES}:
            self._store.switch(self._reviewer, name, is_on=request.form.get("is_on") == "1")
        return redirect("/", HTTPStatus.SEE_OTHER)

    def search(self) -> Any:
        """Go to a video by its identifier."""
        wanted = request.args.get("video", "").strip()
        if wanted.isdecimal() and wanted.isascii() and int(wanted) < 2**63 and self._desk().case(int(wanted)):
            return redirect(f"/case/{int(wanted)}")
        heading = f"No video {wanted[:40]!r} in this release"
        return self._render("layout.html", heading=heading, message="Check the number."), HTTPStatus.NOT_FOUND

    def today(self) -> Any:
        """The reviewer's own decisions since midnight."""
        decisions = self.decided_today()
        return self._render("today.html", heading="My decisions today", here="today", decisions=decisions)

    def refused(self, error: HTTPException) -> tuple[str, int]:
        """A page for a request that is not taken."""
        code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
        return self._render("layout.html", heading="That did not work", message=HTTPStatus(code).phrase), code

    def explained(self, error: ClaimsError) -> tuple[str, int]:
        """A page for what a person can act on."""
        return self._render("layout.html", heading="That did not work", message=str(error)), HTTPStatus.CONFLICT


def _facts(case: Case) -> list[tuple[str, str]]:
    def written(name: str) -> str:
        value = case.facts[name]
        if value is None:
            return "not delivered"
        return numbers.count(value) if isinstance(value, int) else str(value)

    rows = [(label, ", ".join(written(name) for name in names)) for label, names in _FACTS]
    return [
        (label, f"{value} seconds" if label == "Length" and value != "not delivered" else value)
        for label, value in rows
    ]


def _score(case: Case) -> str:
    probability = case.facts["claim_probability"]
    if probability is None:
        return "Not scored."
    return f"{numbers.share(probability)} probability of a claim. {review_queue.why(case.facts)}"
