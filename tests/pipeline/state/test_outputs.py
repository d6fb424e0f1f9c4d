"""Every command that takes the name of a file, asked to write where it would do harm."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import main
from pipeline.state.outputs import require_writable
from warehouse.errors import UsageError
from warehouse.settings import Settings

WRITERS = (("queue", "--csv"), ("synthetic", "-o"), ("export", "-o"), ("report", "-o"))


@pytest.fixture
def home(built_warehouse: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLAIMS_HOME", str(built_warehouse.home))
    return built_warehouse.home


@pytest.mark.parametrize("place", ["ledger.jsonl", "current/report/index.html", "new", "releases/new/x.csv"])
@pytest.mark.parametrize("command", WRITERS)
def test_the_home_is_refused(command: tuple[str, str], place: str, home: Path) -> None:
    before = {path: path.lstat().st_mtime_ns for path in home.rglob("*")}
    result = CliRunner().invoke(main.app, [*command, str(home / place)])
    assert isinstance(result.exception, UsageError), result.output
    assert "where only claims itself writes" in str(result.exception)
    assert {path: path.lstat().st_mtime_ns for path in home.rglob("*")} == before


@pytest.mark.parametrize("command", WRITERS[:2])
def test_a_file_is_replaced_only_when_asked(command: tuple[str, str], home: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious.csv"
    precious.write_text("mine")
    result = CliRunner().invoke(main.app, [*command, str(precious)])
    assert "add --force to replace it" in str(result.exception)
    assert precious.read_text() == "mine"
    assert CliRunner().invoke(main.app, [*command, str(precious), "--force"]).exit_code == 0
    assert precious.read_text() != "mine"


def test_links_and_folders(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var")
    settings.releases.mkdir(parents=True)
    (tmp_path / "way-in").symlink_to(settings.releases)
    for file, says in ((tmp_path / "way-in" / "x.csv", "where only claims"), (tmp_path, "is a folder")):
        with pytest.raises(UsageError, match=says):
            require_writable(settings, file, is_forced=True)
    require_writable(settings, tmp_path / "x.csv", Path("/dev/null"), is_forced=False)
