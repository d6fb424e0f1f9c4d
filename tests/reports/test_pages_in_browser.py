"""The pages in Chromium; `scripts/ci-browser` installs what this needs and runs it."""

import json
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

from pipeline.release.site import rebuild_site
from warehouse.errors import ClaimsError
from warehouse.settings import ROOT, Settings

SCRIPTS = ROOT / "scripts"
NODE = shutil.which("node")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(NODE is None, reason="node is not installed"),
    pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed"),
    pytest.mark.skipif(not (SCRIPTS / "node_modules").exists(), reason="npm ci has not been run in scripts/"),
]


@pytest.fixture(scope="module")
def pages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Today's pages over the release at hand, which saves a whole run; over the built twin where there is none."""
    folder = tmp_path_factory.mktemp("pages")
    try:
        rebuild_site(Settings(), folder)
    except (ClaimsError, duckdb.Error):
        return Path(request.getfixturevalue("twin_site"))
    return folder


def test_axe_keyboard_and_network_find_nothing(pages: Path):
    done = subprocess.run([str(NODE), SCRIPTS / "check_pages.mjs", pages], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_markup_is_valid(pages: Path):
    command = [
        str(NODE),
        SCRIPTS / "node_modules" / ".bin" / "html-validate",
        "--config",
        SCRIPTS / "htmlvalidate.json",
        "--formatter=json",
    ]
    done = subprocess.run([*command, *sorted(pages.glob("*.html"))], capture_output=True, text=True, check=False)
    problems = [
        (entry["filePath"], message["message"])
        for entry in json.loads(done.stdout or "[]")
        for message in entry["messages"]
    ]
    assert not problems
    assert done.returncode == 0, done.stderr


def test_the_checker_notices_a_broken_page(pages: Path, tmp_path: Path):
    broken = tmp_path / "site"
    broken.mkdir()
    text = (pages / "index.html").read_text(encoding="utf-8")
    (broken / "index.html").write_text(
        text.replace('<html lang="en">', "<html>").replace('role="img"', ""), encoding="utf-8"
    )
    done = subprocess.run([str(NODE), SCRIPTS / "check_pages.mjs", broken], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "html-has-lang" in done.stderr
