"""The command line starts fast: what a command does not need it does not import."""

import json
import subprocess
import sys

import pytest

from warehouse.settings import ROOT

HEAVY = (
    "dbt",
    "duckdb",
    "great_expectations",
    "jinja2",
    "matplotlib",
    "numpy",
    "pandas",
    "pyarrow",
    "scipy",
    "sklearn",
    "skops",
    "statsmodels",
)


def heavy_after(statement: str) -> set[str]:
    """The heavy libraries that a fresh interpreter holds after a statement."""
    code = (
        f"import json, sys\n{statement}\nprint(json.dumps(sorted(name for name in {HEAVY!r} if name in sys.modules)))"
    )
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(json.loads(outcome.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "statement",
    [
        "import pipeline.cli.main",
        # As the command itself does it, the way out included.
        "from pipeline.cli.main import main; sys.argv = ['claims', '--help']\ntry: main()\nexcept SystemExit: pass",
        "import warehouse.settings, warehouse.errors",
    ],
    ids=["the command line", "help", "settings"],
)
def test_no_heavy_library_at_start(statement: str) -> None:
    assert not heavy_after(statement)


@pytest.mark.parametrize("module", ["warehouse.duckdb_engine", "pipeline.job.runner", "pipeline.job.steps"])
def test_the_engine_and_the_list_of_steps_need_no_science(module: str) -> None:
    assert heavy_after(f"import {module}") <= {"duckdb", "pyarrow", "numpy"}


def test_the_probe_sees_what_is_imported() -> None:
    assert heavy_after("import numpy") == {"numpy"}
