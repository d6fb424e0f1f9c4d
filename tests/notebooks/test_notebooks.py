"""The notebooks are stored without outputs and run from top to bottom on a published release."""

import json
import re
from pathlib import Path

import duckdb
import nbformat
import pytest
from nbclient import NotebookClient

from warehouse.settings import DBT_PROJECT, ROOT, Settings

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_there_are_four():
    assert len(NOTEBOOKS) == 4


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_without_outputs(path: Path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code)
    assert len(cells) - len(code) >= len(code) // 2, "explain what the cells do"


def test_the_models_sample_holds_every_part_of_the_split_on_the_default_twin():
    text = (ROOT / "notebooks" / "04_model.ipynb").read_text(encoding="utf-8")
    order, limit = re.findall(r"order by (\S.*?) limit (\d+)", text)[0]
    view = (DBT_PROJECT / "models" / "ml" / "video_features.sql").read_text(encoding="utf-8")
    digits = re.findall(r"(substr\(.*\)) as split_digits", view)[0]
    parts = re.findall(r"when split_digits < '(\w+)'", view)
    assert len(parts) == 3
    with duckdb.connect() as connection:
        videos = "select 1234567890 + 451763 * number as video_id from range(19382) as numbers(number)"
        sample = f"select {digits} as part from ({videos}) order by {order} limit {limit}"
        part = " + ".join(f"(part < '{digit}')::int" for digit in parts)
        found = connection.execute(f"select {part}, count(*) from ({sample}) group by 1").fetchall()
    assert len(found) == 4
    assert min(count for _, count in found) > 500


def test_plots_are_many_and_say_what_they_show():
    for path in NOTEBOOKS:
        text = path.read_text(encoding="utf-8")
        assert text.count("plt.show()") >= (5 if "explore" in path.stem else 1), path.name
        assert len(re.findall(r"title=|suptitle\(", text)) >= text.count("plt.show()"), path.name


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
