import json
import shutil
import subprocess
from pathlib import Path

import pytest

from warehouse.settings import ROOT

CLAIMS = ROOT / ".venv" / "bin" / "claims"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CLAIMS_HOME", str(tmp_path / "var"))

    def call(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return subprocess.run([CLAIMS, *map(str, arguments)], capture_output=True, text=True, cwd=tmp_path, check=False)

    return call


def make_empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def make_other_columns(path: Path) -> Path:
    path.write_text("city,inhabitants\nUlm,126000\n")
    return path


def make_header_only(path: Path) -> Path:
    path.write_text(
        "#,claim_status,video_id,video_duration_sec,video_transcription_text,verified_status,author_ban_status,"
        "video_view_count,video_like_count,video_share_count,video_download_count,video_comment_count\r\n"
    )
    return path


@pytest.mark.parametrize(
    ("make", "code", "says"),
    [
        (lambda path: path, 2, "does not exist"),
        (lambda path: (path.mkdir(), path)[1], 2, "is a folder"),
        (make_empty, 1, "delivery.csv"),
        (make_other_columns, 1, "delivery.csv"),
        (make_header_only, 1, "delivery.csv"),
    ],
    ids=["missing", "folder", "empty", "other columns", "header only"],
)
def test_bad_input_is_explained_and_nothing_lands(run, tmp_path, make, code, says) -> None:
    outcome = run("run", make(tmp_path / "delivery.csv"))
    assert outcome.returncode == code, outcome.stderr
    assert says in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert not [*(tmp_path / "var").glob("landing/*/*")]
    assert not (tmp_path / "var" / "current").exists()


def test_help_lists_the_commands(run) -> None:
    outcome = run("--help")
    assert outcome.returncode == 0
    for command in ("run", "ingest", "build", "audit", "analyze", "train", "predict", "publish", "rollback", "runs"):
        assert command in outcome.stdout


def test_an_unknown_command_is_a_usage_error(run) -> None:
    assert run("frobnicate").returncode == 2


def test_synthetic_refuses_what_it_cannot_write(run, tmp_path) -> None:
    outcome = run("synthetic", "--output", tmp_path / "twin.txt")
    assert outcome.returncode == 2
    assert "csv" in outcome.stderr


def test_nothing_published_yet(run) -> None:
    outcome = run("verify")
    assert outcome.returncode == 2
    assert "claims run" in outcome.stderr


def test_releases_and_runs_answer_programs(run, built_warehouse, tmp_path) -> None:
    shutil.copytree(built_warehouse.home, tmp_path / "var", symlinks=True)
    releases = json.loads(run("releases", "--json").stdout)
    assert [release["is_current"] for release in releases] == [True]
    entries = json.loads(run("runs", "--json").stdout)
    assert {entry["status"] for entry in entries} == {"done"}
    assert run("verify").returncode == 0
