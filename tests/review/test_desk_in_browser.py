"""The desk in Chromium; `scripts/ci-browser` installs what this needs and runs it."""

import shutil
import subprocess
import threading
from pathlib import Path

import pytest
import waitress

from review.app import HOST, create_app
from review.cases import Case
from review.store import Store
from tests.review.test_app import Cases
from warehouse.settings import ROOT

SCRIPTS = ROOT / "scripts"
NODE = shutil.which("node")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(NODE is None, reason="node is not installed"),
    pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed"),
    pytest.mark.skipif(not (SCRIPTS / "node_modules").exists(), reason="npm ci has not been run in scripts/"),
]


class Many(Cases):
    """Ten open videos."""

    def order_for(self, _served: int) -> list[int]:
        return list(range(101, 111))

    def case(self, video_id: int) -> Case | None:
        first = super().case(1)
        assert first is not None
        return first._replace(video_id=video_id, alike=()) if 101 <= video_id <= 110 else None


def test_five_decisions_by_keyboard_and_axe_finds_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "desk")
    # The port is known once the socket is bound, and the desk answers for no other.
    server = waitress.create_server(lambda *_: [], host=HOST, port=0)
    port = server.effective_port
    server.application = create_app(Many, store, "ada", port)
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    command = [str(NODE), SCRIPTS / "check_desk.mjs", f"http://{HOST}:{port}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    server.close()
    # A thread that outlives the test would hold what it sees to the interpreter's end.
    server.task_dispatcher.shutdown()
    serving.join(10)
    assert done.returncode == 0, done.stdout + done.stderr
    decided = store.decided(range(101, 111))
    assert len(decided) == 5, "claim, opinion, claim, opinion and the button; one was skipped"
