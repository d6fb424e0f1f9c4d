"""The recipes of the guide do what they say: each is followed on a copy, which is linted, delivered to and built."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.landing.synthetic import write_synthetic
from tests.pipeline.landing.dialects import read_rows, text_of
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.settings import ROOT, Settings

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
STEP = re.compile(
    r"(?:^|[: ])(?P<verb>Write|[Ii]n) `(?P<path>[^`]+)`(?:, (?P<where>above|below|instead of) `(?P<line>[^`]+)`)?:\n\n"
    r"```\w+\n(?P<text>.*?)```",
    re.DOTALL | re.MULTILINE,
)


def follow(recipe: str, copy: Path) -> list[Path]:
    """Do what a recipe says, and nothing else."""
    section = GUIDE.split(f"\n### {recipe}\n", 1)[1].split("\n### ")[0].split("\n## ")[0]
    changed = []
    for step in STEP.finditer(section):
        path, text = copy / step["path"], step["text"]
        if step["verb"] == "Write":
            assert not path.exists()
            path.write_text(text, encoding="utf-8")
        else:
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            (place,) = [number for number, line in enumerate(lines) if line.startswith(step["line"])][:1]
            end = place + (step["where"] == "instead of")
            place += step["where"] == "below"
            lines[place : max(place, end)] = [text]
            path.write_text("".join(lines), encoding="utf-8")
        changed.append(path)
    assert section.count("```") == 2 * len(changed), "every block of the recipe is a step"
    return changed


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The checkout as git sees it, with a twin of 300 videos to deliver."""
    copy = tmp_path / "copy"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in listed.split("\0"):
        if name and (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    subprocess.run(["git", "init", "-q"], cwd=copy, check=True)
    write_synthetic(copy / "data" / "raw" / "videos.csv", 300, 7)
    return copy


def do(copy: Path, *call: str | Path) -> str:
    """Run a program in the copy, on the copy's own code."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLAIMS_", "DBT_"))}
    places = {"DBT_TARGET_PATH": copy / "var" / "dbt" / "lint", "DBT_LOG_PATH": copy / "var" / "dbt" / "logs"}
    variables = {**kept, **{name: str(path) for name, path in places.items()}, "PYTHONPATH": str(copy)}
    outcome = subprocess.run(call, cwd=copy, env=variables, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout[-3000:] + outcome.stderr[-3000:]
    return outcome.stdout


def lint(copy: Path, changed: list[Path]) -> None:
    programs = Path(sys.executable).parent
    do(copy, sys.executable, "scripts/check_dbt_yaml.py")
    models = [path for path in changed if path.suffix == ".sql" and "models" in path.parts]
    do(copy, programs / "sqlfluff", "lint", "--disable-progress-bar", *models)
    do(copy, programs / "dbt", "--quiet", "parse", "--project-dir", "dbt_project")
    do(copy, programs / "dbt-bouncer", "run", "--config-file", "conf/dbt-bouncer.yml", "--output-only-failures")
    do(copy, sys.executable, "-m", "pytest", "-n0", "-q", "tests/dbt/test_manifest.py")


def deliver_and_build(copy: Path, *select: str) -> DuckDBEngine:
    do(copy, sys.executable, "-c", "from pipeline.cli.main import main; main()", "ingest")
    do(copy, Path(sys.executable).parent / "dbt", "build", "--project-dir", "dbt_project", "--select", *select)
    return DuckDBEngine.open(Settings(home=copy / "var"), read_only=True)


@pytest.mark.slow
def test_add_a_mart(copy) -> None:
    lint(copy, follow("Add a mart", copy))
    with deliver_and_build(copy, "+agg_videos_by_flag") as engine:
        counted = engine.query("select coalesce(sum(video_count), 0) as n from marts.agg_videos_by_flag").to_pylist()
        flagged = engine.query("select count(*) as n from marts.fct_videos where is_flagged").to_pylist()
    assert counted == flagged


@pytest.mark.slow
def test_add_a_column(copy) -> None:
    lint(copy, follow("Add a column", copy))
    path = copy / "data" / "raw" / "videos.csv"
    rows = [[*row, "Language" if number == 0 else "de"] for number, row in enumerate(read_rows(path))]
    path.write_text(text_of(rows), encoding="utf-8")
    with deliver_and_build(copy, "+fct_videos") as engine:
        found = engine.query("select video_language, count(*) as n from marts.fct_videos group by 1").to_pylist()
    assert found == [{"video_language": "de", "n": 300}]


@pytest.mark.slow
def test_add_a_feed(copy) -> None:
    lint(copy, follow("Add a feed", copy))
    videos = [row[2] for row in read_rows(copy / "data" / "raw" / "videos.csv")[1:3]]
    lines = ["appeal_id;video_id;appealed at", *(f"a{video};{video};2026-03-01T10:30:00+01:00" for video in videos)]
    (copy / "data" / "raw" / "appeals.csv").write_text("\n".join([*lines, "a3;7;2026-03-01T10:30:00Z"]))
    with deliver_and_build(copy, "+reconciliation") as engine:
        found = engine.query(
            "select landed_count, current_count, waiting_count, is_reconciled from quality.reconciliation "
            "where feed = 'appeals'"
        ).to_pylist()
    assert [tuple(row.values()) for row in found] == [(3, 3, 1, True)]
