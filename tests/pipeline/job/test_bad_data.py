"""Data from which nothing can be learned: a warning, released models stay in use, and people decide the rest."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from pipeline.cli.main import main
from pipeline.landing.synthetic import write_synthetic
from warehouse.factory import open_engine
from warehouse.settings import Settings

ONE_CLASS, TEN_ROWS = "and 0 opinions among its training videos", "nothing can be learned from fewer than"
NO_TRANSCRIPTS = "0 of its training videos have words"
SCENES: dict[str, tuple[str, Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    "one class": (
        "update marts.fct_videos set claim_status = 'claim', is_claim = true where is_labelled",
        lambda frame: frame.assign(claim_status="claim"),
        ONE_CLASS,
    ),
    "ten rows": (
        "delete from marts.fct_videos where delivery_row_number > 10",
        lambda frame: frame.dropna().head(10),
        TEN_ROWS,
    ),
    "empty transcripts": (
        "update marts.fct_videos set video_transcription_text = '', transcription_character_count = 0",
        lambda frame: frame.assign(video_transcription_text=" "),
        NO_TRANSCRIPTS,
    ),
}
Run = Callable[..., str]


@pytest.fixture
def home(built_warehouse: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A copy of everything that a whole run of the twin has left, release and models included."""
    copy = tmp_path / "var"
    shutil.copytree(built_warehouse.home, copy, symlinks=True)
    monkeypatch.setenv("CLAIMS_HOME", str(copy))
    return built_warehouse.model_copy(update={"home": copy})


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command that must end with 0; returns what it printed."""

    def call(*arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", ["claims", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        found = capsys.readouterr()
        assert not end.value.code, found.err
        return found.out + found.err

    return call


@pytest.mark.parametrize("scene", SCENES)
def test_training_on_it_keeps_the_released_models_and_warns(home: Settings, called: Run, scene: str) -> None:
    damage, _, says = SCENES[scene]
    released = _contents(home.current / "models")
    with open_engine(home) as engine:
        engine.connection.execute(damage)  # type: ignore[attr-defined]  # only the one of DuckDB
    said = " ".join(called("train").split())
    assert "warning: " in said
    assert says in said
    assert _contents(home.current / "models") == released
    # Of the sets that cannot be trained the released models stand; transcripts that are empty leave the other two.
    kept = {name for name in released if name.endswith(".json") and _contents(home.models)[name] == released[name]}
    assert kept >= {"full.json", "transcript.json"}


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES)
def test_a_whole_run_on_it_publishes_and_leaves_it_to_people(
    called: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scene: str
) -> None:
    _, make, says = SCENES[scene]
    file = tmp_path / "delivery.csv"
    write_synthetic(file, 400, 1)
    frame = pd.read_csv(file, dtype=str)
    # Backwards it does not sound like our own twin, which would join the other synthetic rows.
    backwards = frame.assign(video_transcription_text=frame["video_transcription_text"].str[::-1])
    make(backwards).to_csv(file, index=False)
    monkeypatch.setenv("CLAIMS_HOME", str(tmp_path / "var"))
    said = " ".join(called("run", file).split())
    # A blank that is delivered is no value.
    assert {NO_TRANSCRIPTS: "video_transcription_text never occurs"}.get(says, says) in said
    assert "Release" in said


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
