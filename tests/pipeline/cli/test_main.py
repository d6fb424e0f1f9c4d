"""The command line: steps by name, options, usage errors."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli.main import main
from pipeline.state import ledger
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


@pytest.mark.parametrize(
    "arguments",
    [
        "verify", "rollback", "releases", "releases --json", "runs", "report", "export --output out", "queue",
        "queue --json", "explain 1", "models", "audit", "analyze", "train", "predict", "publish",
    ],
)  # fmt: skip
def test_nothing_there_yet_is_3_with_the_command_to_run(arguments: str, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLAIMS_HOME", str(tmp_path / "var"))
    monkeypatch.setattr("sys.argv", ["claims", *arguments.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code == 3, said.err
    assert re.fullmatch(r"claims: (Nothing has been|There has been no) .* `claims run`.*\n", said.err)
    assert "Catalog" not in said.err
    assert said.out == ("[]\n" if arguments == "releases --json" else "")
    assert not (tmp_path / "var" / "warehouse.duckdb").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("frobnicate", "No such command 'frobnicate'. See `claims --help`"),
        ("queue --capacty 3", "No such option: --capacty"),
        ("queue --limit 0", "See `claims queue --help`"),
        ("queue --json --csv queue.csv", "choose one of them"),
        ("ingest --json", "--json goes with --dry-run or --explain"),
        ("run missing.csv", "missing.csv does not exist"),
        ("run a\x1b[31mb.csv", r"a\x1b[31mb.csv does not exist"),
        ("export --format xml --output out", "--format knows"),
        ("explain twelve", "valid integer"),
    ],
)
def test_a_wrong_call_is_one_sentence_2_and_no_failed_run(arguments, says, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("CLAIMS_HOME", str(tmp_path / "var"))
    monkeypatch.setattr("sys.argv", ["claims", *arguments.split(" ")])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert says in said.err
    assert len(said.err.splitlines()) == 1
    assert ledger.read(tmp_path / "var" / "ledger.jsonl") == []
    assert not (tmp_path / "var" / "run.json").exists()


@pytest.mark.parametrize("value", ["", "/", "~nosuchuser/x"])
def test_a_home_that_names_no_folder_of_ours_is_one_sentence(value: str, run, tmp_path) -> None:
    outcome = run("ingest", CLAIMS_HOME=value)
    assert outcome.returncode == 2
    assert re.fullmatch(r"claims: CLAIMS_HOME: .*Correct or unset it\.\n", outcome.stderr)
    assert [path.name for path in tmp_path.iterdir()] == []


def test_somebody_elses_folder_is_3_and_untouched(run, tmp_path) -> None:
    (tmp_path / "var" / "work").mkdir(parents=True)
    (tmp_path / "var" / "work" / "thesis.docx").write_text("mine")
    for command in (["ingest"], ["rollback"], ["ingest", "--dry-run"], ["run"]):
        outcome = run(*command)
        assert (outcome.returncode, outcome.stderr.count("\n")) == (3, 1), command
        assert "not a folder of claims" in outcome.stderr
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == [
        "var", "var/work", "var/work/thesis.docx",
    ]  # fmt: skip


def test_version_short_help_and_completion(run) -> None:
    assert re.fullmatch(r"claims \d+\.\d+\.\d+\+[0-9a-f]{8}\n", run("--version").stdout)
    assert run("-h").stdout == run("--help").stdout
    assert "queue" in run(_CLAIMS_COMPLETE="complete_bash", COMP_WORDS="claims qu", COMP_CWORD="1").stdout


def test_outside_a_checkout_one_sentence_and_nothing_written(tmp_path) -> None:
    installed = tmp_path / "site-packages"
    for room in ("pipeline", "warehouse", "wording"):
        shutil.copytree(ROOT / room, installed / room, ignore=shutil.ignore_patterns("__pycache__"))
    before = sorted(installed.rglob("*"))
    outcome = subprocess.run(
        [sys.executable, "-B", "-c", "from pipeline.cli.main import main; main()", "run"],
        cwd=installed,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 3
    assert re.fullmatch(r"claims: this is a copy of the code in .* checkout.*\n", outcome.stderr)
    assert sorted(installed.rglob("*")) == before


def test_a_reader_who_leaves_is_no_failure(run, tmp_path) -> None:
    for number in range(3000):
        ledger.append(tmp_path / "var" / "ledger.jsonl", {"run_id": str(number), "step": "ingest", "status": "done"})
    for arguments in ("runs --limit 0", "runs --limit 0 --json", "--help", "--version"):
        command = f"set -o pipefail; {CLAIMS} {arguments} | (exec <&-; sleep 0.1)"
        outcome = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=tmp_path, check=False)
        assert (outcome.returncode, outcome.stderr) == (0, "")


def test_releases_and_runs_answer_programs(run, built_warehouse, tmp_path) -> None:
    shutil.copytree(built_warehouse.home, tmp_path / "var", symlinks=True)
    releases = json.loads(run("releases", "--json").stdout)
    assert [release["is_current"] for release in releases] == [True]
    entries = json.loads(run("runs", "--json").stdout)
    assert {entry["status"] for entry in entries} == {"done"}
    assert run("verify").returncode == 0
