"""Which releases hold what is erased: they leave, the others stay."""

import shutil
from pathlib import Path

import pytest

from pipeline.landing.sought import Sought
from pipeline.release import switch
from pipeline.release.holding import holds, retire_holders
from warehouse.duckdb_engine import connect_release
from warehouse.settings import Settings


@pytest.fixture
def own(built_warehouse: Settings, tmp_path: Path) -> Settings:
    shutil.copytree(built_warehouse.home, tmp_path / "var", symlinks=True)
    return built_warehouse.model_copy(update={"home": tmp_path / "var"})


def test_a_release_that_holds_a_video_leaves(own: Settings) -> None:
    (name,) = switch.list_releases(own)
    with connect_release(own.releases / name, own) as connection:
        video_id, text = connection.execute(
            "select video_id, video_transcription_text from marts.fct_videos "
            "where video_transcription_text <> '' order by video_id limit 1"
        ).fetchall()[0]
    assert holds(own, name, Sought(video_ids=(video_id,)))
    assert holds(own, name, Sought(video_ids=(1,), transcripts=(text,)))
    assert not holds(own, name, Sought(video_ids=(1,)))
    assert holds(own, name, Sought(reporter_ids=("anybody",)))
    assert retire_holders(own, Sought(video_ids=(video_id,)), kept=name) == []
    assert retire_holders(own, Sought(video_ids=(1,)), kept="another") == []
    assert retire_holders(own, Sought(video_ids=(video_id,)), kept="another") == [name]
    assert switch.list_releases(own) == []


def test_a_release_that_cannot_be_read_is_taken_to_hold_it(own: Settings) -> None:
    (name,) = switch.list_releases(own)
    (own.releases / name / "claims.duckdb").chmod(0o644)
    (own.releases / name / "claims.duckdb").write_bytes(b"none")
    assert holds(own, name, Sought(video_ids=(1,)))
