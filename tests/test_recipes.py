"""The recipes of docs/recipes.md: done on a copy of the project as they are printed, then linted, landed and built."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from warehouse.settings import ROOT

PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+) (dbt_project/\S+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
# The command of this checkout reads this checkout; the copy is called by its module.
CLAIMS = "from pipeline.cli.main import main; main()"
VIDEOS = """video_id,video_duration_sec,video_transcription_text,language,claim_status,verified_status,\
author_ban_status,video_view_count,video_like_count,video_share_count,video_download_count,video_comment_count
1,10,a colleague read that it is so,en,claim,verified,active,100,50,5,4,3
2,20,,,opinion,not verified,banned,90,40,4,3,2
3,30,meiner Meinung nach,de,,not verified,active,80,30,3,2,1
"""
APPEALS = """appeal_id,video_id,appealed_at
a-1,1,2026-01-02T03:04:05Z
a-2,2,2026-01-03T03:04:05Z
"""


def apply(root: Path) -> None:
    """Do in a project what the page's blocks say."""
    for kind, name, block in BLOCKS:
        path = root / name
        if kind != "diff":
            assert not path.exists(), f"{name} is there already"
            path.write_text(block, encoding="utf-8")
            continue
        lines = block.splitlines()
        before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
        after = "\n".join(line[1:] for line in lines if not line.startswith("-"))
        text = path.read_text(encoding="utf-8")
        assert text.count(f"{before}\n") == 1, f"{name} holds {text.count(before)} times: {before}"
        path.write_text(text.replace(f"{before}\n", f"{after}\n"), encoding="utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what dbt, its linters and the commands read, with all recipes done."""
    root = tmp_path_factory.mktemp("recipes")
    for name in ("conf", "data", "expectations", "ml", "pipeline", "reports", "review", "warehouse", "web", "wording"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "raw"))
    skipped = shutil.ignore_patterns("target", "logs", ".user.yml")
    shutil.copytree(ROOT / "dbt_project", root / "dbt_project", ignore=skipped)
    shutil.copytree(ROOT / "scripts", root / "scripts")
    for name in ("pyproject.toml", "profiles.yml", ".sqlfluff", "README.md"):
        shutil.copy(ROOT / name, root / name)
    apply(root)
    (root / "videos.csv").write_text(VIDEOS, encoding="utf-8")
    (root / "appeals.csv").write_text(APPEALS, encoding="utf-8")
    return root


def run(project: Path, *command: str) -> str:
    """Run a tool of this Python in the copy; its output, which is part of the failure."""
    environment = os.environ | {
        "PYTHONPATH": str(project),
        "CLAIMS_HOME": str(project / "var"),
        "DBT_PROJECT_DIR": "dbt_project",
        "DBT_PROFILES_DIR": str(project),
        "DBT_TARGET_PATH": str(project / "var" / "dbt" / "lint"),
        "DBT_LOG_PATH": str(project / "var" / "dbt" / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    tool = Path(sys.executable).with_name(command[0])
    done = subprocess.run(
        [str(tool), *command[1:]], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_linters_find_nothing(project: Path) -> None:
    new = [name for kind, name, _ in BLOCKS if name.endswith(".sql")]
    run(project, "sqlfluff", "lint", "--nocolor", "--disable-progress-bar", *new)
    run(project, "dbt", "--quiet", "--no-partial-parse", "parse")
    run(project, "dbt-bouncer", "run", "--config-file", "conf/dbt-bouncer.yml", "--output-only-failures")


def test_the_new_feed_lands_and_the_new_column_and_mart_are_built(project: Path) -> None:
    out = run(project, "python", "-c", CLAIMS, "ingest", "videos.csv", "appeals.csv")
    assert "5 records in 2 file(s), 0 rejected" in out
    built = ("--select", "+agg_transcripts_by_status", "+reconciliation", "--indirect-selection", "cautious")
    run(project, "dbt", "--quiet", "build", *built)
    with duckdb.connect(str(project / "var" / "warehouse.duckdb"), read_only=True) as connection:
        languages = connection.execute("select video_language from marts.fct_videos order by video_id").fetchall()
        lengths = connection.execute("select author_ban_status, transcript_count from marts.agg_transcripts_by_status")
        assert languages == [("en",), (None,), ("de",)]
        assert sorted(lengths.fetchall()) == [("active", 2), ("banned", 0)]
        laws = connection.execute("select feed, current_count, is_reconciled from quality.reconciliation").fetchall()
        assert sorted(laws) == [("appeals", 2, True), ("videos", 3, True)]
