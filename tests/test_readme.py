"""What README and docs print works: the data scientist's lines, every command and option, every link and test."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from pipeline.cli.main import app
from warehouse.settings import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
README = PAGES[0].read_text(encoding="utf-8")


def test_the_data_scientists_lines_as_printed(built_warehouse) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    code = code.replace("var/current", str(built_warehouse.current))
    outcome = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stderr
    forest, rule = outcome.stdout.splitlines()
    assert forest.startswith("RandomForestClassifier {'validation': ")
    assert rule.startswith("OneLineRule {'validation': ")
    assert "Rule(feature='video_" in rule
    assert all(float(share) > 0.9 for share in re.findall(r"'(?:validation|test)': ([\d.]+)", outcome.stdout))


def calls(text: str) -> Iterator[list[str]]:
    """The calls of `claims` in a page: lines of code blocks, and what stands between backticks."""
    blocks = re.findall(r"(?:^```\w*\n(.*?)^```)|(?:^    (\S.*?)$)", text, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for part in block for line in part.splitlines()]
    for code in [*lines, *re.findall(r"`([^`\n]+)`", text)]:
        if found := re.match(r"(?:\$ )?(?:\S+=\S+ )*(?:\S*/)?claims ([a-z]\w*\b.*)", code):
            yield shlex.split(re.split(r" #| &&| \||;|>", found[1])[0].replace("'", ""))


# docs/commands.md holds wrong calls too; tests/pipeline/cli/test_commands.py makes them all.
@pytest.mark.parametrize("page", [page for page in PAGES if page.stem != "commands"], ids=lambda page: page.name)
def test_every_command_and_option_that_a_page_names_is_there(page: Path) -> None:
    commands: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined]  # it is a group
    wrong = []
    for name, *words in calls(page.read_text(encoding="utf-8")):
        parameters = commands[name].params if name in commands else []
        known = {option for parameter in parameters for option in (*parameter.opts, *parameter.secondary_opts)}
        options = {re.split(r"[=\]\[]", word)[0] for word in words if word.startswith("--")}
        if name not in commands or not options <= known | {"--help"}:
            wrong.append(" ".join([name, *words]))
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    assert [
        link for link in links if not link.startswith(("http", "../var/")) and not (page.parent / link).exists()
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    named = set(re.findall(r"`(tests/[\w./-]+)(?:::(\w+))?`", page.read_text(encoding="utf-8")))
    assert [
        f"{file}::{test}"
        for file, test in sorted(named)
        if not (ROOT / file).exists() or (test and f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8"))
    ] == []
