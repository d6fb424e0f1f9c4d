"""The contracts between rooms (pyproject.toml, held by `make lint`) name what breaks them."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.settings import ROOT

ROOMS = [path.parent.name for path in sorted(ROOT.glob("*/__init__.py")) if path.parent.name != "benchmarks"]


def broken(folder: Path, *contracts: str) -> bool:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"]
    chosen = [word for contract in contracts for word in ("--contract", contract)]
    outcome = subprocess.run([*command, *chosen], cwd=folder, capture_output=True, text=True, check=False)
    assert "Contracts" in outcome.stdout, outcome.stdout + outcome.stderr
    return outcome.returncode != 0


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for room in ROOMS:
        shutil.copytree(ROOT / room, copy / room, ignore=lambda _, names: [n for n in names if n == "__pycache__"])
    return copy


def test_the_house_as_it_stands_keeps_every_contract(house: Path) -> None:
    assert not broken(house)


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("warehouse/errors.py", "import ml.parallel", "rooms"),
        ("ml/analyze.py", "import reports.content", "rooms"),
        ("web/pages.py", "import warehouse.settings", "web"),
        ("pipeline/state/durable.py", "import pipeline.job.step", "inside-pipeline"),
        ("ml/statistics/moments.py", "import ml.questions.results", "inside-ml"),
        ("ml/statistics/moments.py", "import ml.statistics.t_tests", "no-circle"),
        ("pipeline/job/step.py", "import duckdb", "engines"),
        ("pipeline/state/ledger.py", "if TYPE_CHECKING:\n    import pyspark", "engines"),
        ("wording/numbers.py", "import warehouse.factory", "words"),
        ("ml/predict.py", "import pickle", "unsafe-loads"),
    ],
)
def test_an_import_that_breaks_the_house_is_named(house: Path, file: str, line: str, contract: str) -> None:
    path = house / file
    before = path.read_text()
    path.write_text(f"{before}\n{line}\n")
    try:
        assert broken(house, contract)
    finally:
        path.write_text(before)


def calls_by_position(source: str) -> list[int]:
    """Lines of calls whose reader would have to count arguments: six and more of them without a name."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and sum(not isinstance(one, ast.Starred) for one in node.args) >= 6
    ]


def test_calls_with_many_arguments_name_them() -> None:
    assert calls_by_position("f(1, 2, 3, 4, 5, 6)") == [1]
    assert calls_by_position("f(1, 2, 3, 4, 5, six=6)") == []
    found = {
        str(path.relative_to(ROOT)): lines
        for room in (*ROOMS, "benchmarks", "scripts")
        for path in (ROOT / room).rglob("*.py")
        if (lines := calls_by_position(path.read_text(encoding="utf-8")))
    }
    assert found == {}
