"""`claims erase`: what it says before and after, and what it does about an id that stands nowhere."""

import re
from pathlib import Path

import pytest

from pipeline.cli.main import main
from pipeline.job import erase, runner
from pipeline.job.step import Outcome, Step
from pipeline.landing import inputs
from pipeline.landing.folder import landed_deliveries
from pipeline.state import ledger, tombstones
from tests.pipeline.job.planted import GONE, KEPT, REPORTER, deliver, planted_home, settings_of, traces
from tests.pipeline.landing.landing_cases import HEADER, record
from warehouse.settings import Settings

UNKNOWN = 7_000_000_222


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with records to erase; here the steps that follow only finish it."""
    monkeypatch.setattr(inputs, "RAW_FOLDER", tmp_path / "raw")
    (tmp_path / "raw").mkdir()
    monkeypatch.setenv("CLAIMS_HOME", str(tmp_path / "var"))

    def finish(settings: Settings, _progress: object) -> Outcome:
        return Outcome(1, "; ".join(erase.finish(settings, "none")))

    monkeypatch.setattr(runner, "main_job", lambda _: [Step("ingest", finish), Step("publish", finish)])
    return planted_home(tmp_path)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def calling(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["claims", "erase", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return calling


def test_it_tells_what_went_where(settings: Settings, call) -> None:
    code, said, _ = call(GONE, "--reporter", REPORTER, "--reason", "a request", "--yes")
    assert code == 0
    assert "4 landed records are of them" in said
    for line in ("1  videos landed", "2  reports landed", "1  rejected records", "2  decisions at the desk"):
        assert re.search(rf"^ +{line}$", said, re.MULTILINE), said
    assert traces(settings) == []


def test_an_id_that_stands_nowhere_is_refused_and_nothing_changes(settings: Settings, call) -> None:
    before = (settings.ledger.read_text(), traces(settings))
    code, said, error = call(GONE, UNKNOWN, "--reporter", "nobody", "--reason", "a request", "--yes")
    assert (code, said) == (2, "")
    assert error == (
        f"claims: Nothing here knows video {UNKNOWN}, reporter nobody: neither landing nor rejected records, the desk, "
        "a release or data/raw. Correct the id, or add --keep-out, and it is rejected when it is delivered.\n"
    )
    assert (settings.ledger.read_text(), traces(settings)) == before
    assert tombstones.read(settings) is None


def test_it_is_kept_out_on_request(settings: Settings, call, tmp_path: Path) -> None:
    assert call(UNKNOWN, "--reason", "a request", "--keep-out", "--yes")[0] == 0
    deliver(settings, tmp_path, "later.csv", [HEADER, record(8), record(222)])
    newest = landed_deliveries(settings)[-1]
    assert (newest.landed_count, newest.rejected_count) == (1, 1)
    assert str(UNKNOWN) not in settings.ledger.read_text()
    assert [(entry["step"], entry["status"]) for entry in ledger.read(settings.ledger)][-1] == ("erase", "done")
    assert traces(settings) != []


def test_it_goes_with_the_others_on_request(settings: Settings, call) -> None:
    assert call(GONE, UNKNOWN, "--reporter", REPORTER, "--reason", "a request", "--keep-out", "--yes")[0] == 0
    found = tombstones.read(settings)
    assert found is not None
    assert found.hold("video_id", UNKNOWN)
    assert traces(settings) == []


def test_what_was_erased_before_is_known(settings: Settings, call) -> None:
    for _ in range(2):
        assert call(GONE, "--reason", "a request", "--yes")[0] == 0


@pytest.mark.parametrize("place", ["rejected", "desk", "raw", "set aside"])
def test_it_is_known_wherever_it_stands(settings: Settings, call, tmp_path: Path, place: str) -> None:
    if place == "rejected":
        deliver(settings, tmp_path, "broken.csv", [HEADER, record(9), record(222, views="many")])
    elif place == "desk":
        from review.store import Store

        assert Store(settings.desk).take("anna", UNKNOWN)
    elif place == "raw":
        (tmp_path / "raw" / "next.csv").write_text(f"{HEADER}\n{record(222)}\n")
    else:
        (settings.home / "set-aside" / "manifest.json").write_text(record(222))
    assert call(UNKNOWN, "--reason", "a request", "--yes")[0] == 0
    assert str(KEPT) in (tmp_path / "videos.csv").read_text()


def test_before_anything_has_landed_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call) -> None:
    monkeypatch.setenv("CLAIMS_HOME", str(tmp_path / "var"))
    code, _, said = call(GONE, "--reason", "a request", "--yes")
    assert code == 3
    assert re.fullmatch(r"claims: Nothing has been landed yet in .*`claims run`.*--keep-out.*\n", said)
    assert not (tmp_path / "var").exists()
    assert call(GONE, "--reason", "a request", "--yes", "--keep-out")[0] == 0
    found = tombstones.read(settings_of(tmp_path / "var"))
    assert found is not None
    assert found.hold("video_id", GONE)
