"""The notebooks are stored without outputs and run from top to bottom on a published release."""

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from warehouse.settings import ROOT, Settings

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_there_are_four():
    assert len(NOTEBOOKS) == 4


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_without_outputs(path: Path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code)
    assert len(cells) - len(code) >= len(code) // 2, "explain what the cells do"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_on_a_release_and_writes_nothing(
    path: Path, built_warehouse: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    # Through the environment, since the kernel is a process of its own.
    monkeypatch.setenv("CLAIMS_HOME", str(built_warehouse.home))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("MPLBACKEND", "agg")
    book = nbformat.read(path, as_version=4)
    before = sorted(built_warehouse.current.resolve().iterdir())
    NotebookClient(book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert any(cell.outputs for cell in book.cells if cell.cell_type == "code")
    assert sorted(built_warehouse.current.resolve().iterdir()) == before
