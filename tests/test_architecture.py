"""The house keeps its shape: arrows between rooms, one place for engines, no forbidden loads."""

import ast
from pathlib import Path

import pytest

from warehouse.settings import ROOT

ARROWS = {
    "warehouse": set(),
    "expectations": {"warehouse"},
    "ml": {"warehouse"},
    "reports": {"warehouse"},
    "pipeline": {"warehouse", "expectations", "ml", "reports"},
}
FILES = [path for room in ARROWS for path in sorted((ROOT / room).rglob("*.py"))]


def imported(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def top_level(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path.read_text())}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_arrow_points_up(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    forbidden = (set(ARROWS) | {"tests", "benchmarks"}) - ARROWS[room] - {room}
    assert not top_level(path) & forbidden


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_unsafe_load(path: Path) -> None:
    assert not top_level(path) & {"pickle", "joblib", "cloudpickle", "dill", "shelve", "marshal"}


@pytest.mark.parametrize("room", ["expectations", "ml", "reports"])
def test_engines_are_the_warehouses_business(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        assert not top_level(path) & {"duckdb", "pyspark"}, path


def test_the_reader_of_imports_sees_them() -> None:
    assert imported("import duckdb\nfrom pipeline.cli import app\n") == {"duckdb", "pipeline.cli"}
