"""Hand-made videos, as the statistics have them, and everything that a release tells."""

from pathlib import Path

import pytest

from pipeline.job.summary import headline_findings
from tests.ml.conftest import engine_of
from tests.wording.told import Told, blocks, sentences
from warehouse.settings import Settings

__all__ = ["engine_of"]

KINDS = {"page": "report/*.html", "summary": "summaries/*.md", "handout": "handouts/*.md", "card": "models/*.md"}


@pytest.fixture(scope="session", params=["built_warehouse", "real_warehouse"])
def release(request: pytest.FixtureRequest) -> Settings:
    """The twin's release, and that of the published file where it is at hand."""
    settings: Settings = request.getfixturevalue(request.param)
    return settings


@pytest.fixture(scope="session")
def told(release: Settings) -> list[Told]:
    """Every document of the release, and the last words of the terminal."""
    found = [Told("terminal", "headlines", [part for line in headline_findings(release) for part in sentences(line)])]
    for kind, pattern in KINDS.items():
        found += [Told(kind, path.name, _sentences(path)) for path in sorted(release.current.glob(pattern))]
    return found


def _sentences(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    lines = [block.text for block in blocks(text)] if path.suffix == ".html" else text.splitlines()
    return [part for line in lines for part in sentences(" ".join(line.lstrip("-*# ").split()))]
