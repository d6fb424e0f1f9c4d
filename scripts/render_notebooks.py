"""Run the notebooks on the current release and render them as pages that a screen reader can read.

Usage: python scripts/render_notebooks.py FOLDER
"""

import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
_PALE = re.compile(r"(?<=: )#(?:a2f|080)\b")
DARKER = {"#a2f": "#7928a1", "#080": "#006b00"}
_NO_HEADER = re.compile(r"<th([^>]*)>(?:\s|&nbsp;)*</th>")


def render(path: Path) -> str:
    """Run a notebook; the stored file stays without outputs."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    # The kernel warns of its own transport on every start; what a cell warns of is part of its output.
    NotebookClient(
        notebook, timeout=600, resources={"metadata": {"path": path.parent}}, extra_arguments=["--log-level=ERROR"]
    ).execute()
    # Prompts number the cells in a grey too pale to read.
    exporter = HTMLExporter(exclude_input_prompt=True, exclude_output_prompt=True)  # type: ignore[no-untyped-call]
    html, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": path.stem}})
    return readable(str(html))


def readable(html: str) -> str:
    """Pandas leaves the corner of a table an empty heading, and two colours of code are too pale on its grey."""
    return _PALE.sub(lambda match: DARKER[match[0]], _NO_HEADER.sub(r"<td\1></td>", html))


def main() -> None:
    """Render every notebook into the folder."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        (folder / f"{path.stem}.html").write_text(render(path), encoding="utf-8")


if __name__ == "__main__":
    main()
