"""Another platform's six columns, from the file to the queue of a release."""

import sys
from pathlib import Path

import pandas as pd
import pytest

from pipeline.cli.main import main
from pipeline.landing.synthetic import write_synthetic
from tests.pipeline.landing.reading.test_column_map import MAP
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.settings import Settings

HEADER = ["clip_id", "label", "plays", "hearts", "speech", "length_sec"]
UNLABELLED = [name for name in HEADER if name not in ("label", "plays")]


def without_labels_and_views(text: str) -> str:
    kept = [line for line in text.splitlines() if not line.startswith(("claim_status", "video_view_count"))]
    return "\n".join(kept).replace("absent: [", "absent: [claim_status, video_view_count, ")


def clips_of_the_twin(folder: Path, columns: list[str]) -> Path:
    """The twin's videos as that platform would deliver them."""
    settings = Settings()
    write_synthetic(folder / "twin.csv", 2_000, settings.synthetic_seed)
    theirs = {
        "video_id": "clip_id", "claim_status": "label", "video_view_count": "plays", "video_like_count": "hearts",
        "video_transcription_text": "speech", "video_duration_sec": "length_sec",
    }  # fmt: skip
    videos = pd.read_csv(folder / "twin.csv", dtype=str)[list(theirs)].rename(columns=theirs)
    videos["label"] = videos["label"].map({"claim": "misinformation", "opinion": "fine"})
    videos[columns].to_csv(folder / "clips.csv", index=False)
    return folder / "clips.csv"


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "change"), [(HEADER, str), (UNLABELLED, without_labels_and_views)])
def test_six_columns_of_another_platform_become_a_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys, columns, change
) -> None:
    (tmp_path / "map.yml").write_text(change(MAP))
    clips = clips_of_the_twin(tmp_path, columns)
    monkeypatch.setenv("CLAIMS_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("CLAIMS_REPEATED_SPLITS", "2")
    monkeypatch.setattr(sys, "argv", ["claims", "run", str(clips), "--columns", str(tmp_path / "map.yml")])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code, capsys.readouterr().err
    settings = Settings(home=tmp_path / "var")
    with DuckDBEngine.open_release(settings) as engine:
        (counts,) = engine.query(
            "select count(*) as videos, count(claim_status) > 1900 as has_labels, count(video_view_count) as views, "
            "count(verified_status) as verified, count(video_like_count) as likes from marts.fct_videos"
        ).to_pylist()
        (queue,) = engine.query(
            "select count(*) as cases, count(model_run_id) as scored, min(policy) as policy from marts.fct_review_queue"
        ).to_pylist()
        sets = engine.query("select feature_set from ml.model_runs where is_written_back order by 1").column(0)
        coefficients = engine.query(
            "select count(*) as pairs from marts.agg_metric_correlations where coefficient is not null"
        ).to_pylist()
    labelled = columns == HEADER
    assert counts == {
        "videos": 2_000, "has_labels": labelled, "views": 1_969 if labelled else 0, "verified": 0, "likes": 1_969,
    }  # fmt: skip
    # What cannot be used is left out of the models; without labels people decide.
    assert sets.to_pylist() == (["engagement", "full", "metadata", "transcript"] if labelled else [])
    assert queue["cases"] == (31 if labelled else 2_000)
    assert queue["scored"] == (31 if labelled else 0)
    assert (queue["policy"] == "arrival") != labelled
    assert coefficients == [{"pairs": 27 if labelled else 0}]  # duration, views and likes; all and two classes
