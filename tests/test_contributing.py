"""The ways into the code are true: what CONTRIBUTING and the list of tests name is there, and nothing is left out."""

import ast
import re
from pathlib import Path

import pytest

from warehouse.settings import ROOT

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TESTS = ROOT / "tests"


def paths_in(section: str) -> list[str]:
    """The paths that a section of the guide names, `<name>` standing for any."""
    text = GUIDE.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"`([\w<>*./-]+/[\w<>*./-]*)`", text)


@pytest.mark.parametrize("section", ["Read in this order", "To change something"])
def test_what_the_guide_names_is_there(section: str) -> None:
    named = paths_in(section)
    assert len(named) > 10
    missing = [path for path in named if not [*ROOT.glob(re.sub("<[^>]*>", "*", path).rstrip("/"))]]
    assert not missing


def test_the_way_through_the_house_is_an_afternoons_reading() -> None:
    named = paths_in("Read in this order")
    assert 20 <= len(named) <= 30
    assert sum(len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in named) < 5_500


def test_every_test_file_stands_in_the_list_of_tests() -> None:
    lines = []
    for folder in sorted({path.parent for path in TESTS.rglob("test_*.py")}):
        lines += ["", f"## {folder.relative_to(ROOT)}", "", "| file | what it pins down |", "|---|---|"]
        lines += [f"| `{path.name}` | {first_line(path)} |" for path in sorted(folder.glob("test_*.py"))]
    page = (TESTS / "README.md").read_text(encoding="utf-8")
    before, _, listed = page.partition(
        "\n<!-- from the first line of each file; tests/test_contributing.py compares -->"
    )
    assert before
    assert listed.splitlines() == lines


def first_line(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert text, f"{path} does not say what it pins down"
    return text.splitlines()[0].replace("|", "\\|")
