"""Every row of docs/commands.md: the call, the exit code, the sentence; and no command is left out."""

import re
import shlex
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.main import get_command

from pipeline.cli.main import app, main
from tests.pipeline.landing.landing_cases import file_of
from warehouse.duckdb_engine import connect_release
from warehouse.settings import ROOT, Settings


class Call(NamedTuple):
    """A row of the page."""

    words: str
    when: str
    code: int
    says: str


CALLS = [
    Call(words, when, int(code), says.strip())
    for words, when, code, says in re.findall(
        r"^\| `claims ?(.*?)` \| (.*?) \| (\d) \| (.*) \|$",
        (ROOT / "docs" / "commands.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
]
BEFORE, AFTER, LONG = "before the first run", "after it", "after it, long"


def rows(when: str) -> list[object]:
    return [pytest.param(call, id=f"claims {call.words}") for call in CALLS if call.when == when]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the calls are made, with the files that they name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLAIMS_HOME", str(tmp_path / "var"))
    monkeypatch.setattr("pipeline.landing.inputs.RAW_FOLDER", tmp_path / "raw")
    (tmp_path / "good.csv").write_bytes(file_of())
    (tmp_path / "other.csv").write_text("city,inhabitants\nUlm,126000\n")
    (tmp_path / "empty.csv").touch()
    return tmp_path


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Make a call, and compare its code and what it says with its row."""

    def making(call: Call, home: Path, video: str = "") -> None:
        words = call.words.replace("VIDEO", video).replace("HOME", str(home))
        monkeypatch.setattr("sys.argv", ["claims", *shlex.split(words)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert (ended.value.code or 0) == call.code, said.err
        assert len(said.err.splitlines()) <= 1
        pattern = ".*".join(map(re.escape, call.says.replace("VIDEO", video).split("…")))
        lines = [line.strip() for line in (said.out + said.err).splitlines()]
        assert any(re.fullmatch(pattern, line) for line in lines), said

    return making


@pytest.fixture
def whole(built_warehouse: Settings, folder: Path) -> tuple[Path, str]:
    """A copy of a whole run, and a video of its queue."""
    shutil.copytree(built_warehouse.home, folder / "var", symlinks=True)
    with connect_release(built_warehouse.current.resolve(), built_warehouse) as connection:
        ((video,),) = connection.execute("select min(video_id) from marts.fct_review_queue").fetchall()
    return folder / "var", str(video)


@pytest.mark.parametrize("call", rows(BEFORE))
def test_before_the_first_run(call: Call, folder: Path, make) -> None:
    make(call, folder / "var")


@pytest.mark.parametrize("call", rows(AFTER))
def test_after_it(call: Call, whole: tuple[Path, str], make) -> None:
    make(call, *whole)


@pytest.mark.slow
@pytest.mark.parametrize("call", rows(LONG))
def test_long_ones(call: Call, whole: tuple[Path, str], make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMS_SYNTHETIC_ROWS", "3000")
    monkeypatch.setenv("CLAIMS_REPEATED_SPLITS", "2")
    make(call, *whole)


def test_every_command_stands_there_with_good_and_bad_input() -> None:
    assert {call.when for call in CALLS} == {BEFORE, AFTER, LONG}
    names: set[str] = set(get_command(app).commands)  # type: ignore[attr-defined]  # it is a group
    for is_good in (True, False):
        told = {call.words.split()[0] for call in CALLS if call.words and (call.code == 0) == is_good}
        # A server would wait for ever, and one release has no predecessor: their own tests show them at work.
        assert names - told == ({"review", "rollback"} if is_good else set())
