"""Another platform's six columns, from the file to the marts and through the incoming audit."""

from pathlib import Path

import pytest

from expectations.audit import run_audit
from pipeline.job.dbt_runner import run_dbt
from pipeline.landing.ingest import ingest
from pipeline.landing.reading.column_map import read_map
from pipeline.landing.reading.options import Options
from tests.pipeline.landing.reading.test_column_map import MAP
from warehouse.factory import open_engine
from warehouse.settings import Settings

HEADER = ["clip_id", "label", "plays", "hearts", "speech", "length_sec"]
UNLABELLED = [name for name in HEADER if name not in ("label", "plays")]


def clip(number: int) -> dict[str, str]:
    label = ("misinformation", "fine", "unsure")[number % 3]
    plays = 10 ** (number % 3 + 2) + 37 * number
    return {
        "clip_id": str(7_000_000_000 + number),
        "label": label,
        "plays": str(plays),
        "hearts": str(plays // 7),
        "speech": f"a clip about river {number}",
        "length_sec": str(5 + number % 50),
    }


def without_labels_and_views(text: str) -> str:
    kept = [line for line in text.splitlines() if not line.startswith(("claim_status", "video_view_count"))]
    return "\n".join(kept).replace("absent: [", "absent: [claim_status, video_view_count, ")


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "change"), [(HEADER, str), (UNLABELLED, without_labels_and_views)])
def test_six_columns_of_another_platform_become_marts(tmp_path: Path, columns, change) -> None:
    settings = Settings(home=tmp_path / "var", lock_wait_sec=5)
    rows = [columns, *([clip(number)[name] for name in columns] for number in range(200))]
    (tmp_path / "clips.csv").write_text("\n".join(map(",".join, rows)))
    (tmp_path / "map.yml").write_text(change(MAP))
    options = Options(columns=read_map(tmp_path / "map.yml"))
    ingest(settings, [tmp_path / "clips.csv"], is_synthetic=False, options=options)
    run_dbt(settings, "build", ["--exclude", "source:ml+"])
    with open_engine(settings) as engine:
        assert all(
            result.is_successful for result in run_audit(engine, "incoming", 1_000) if result.severity == "critical"
        )
        (counts,) = engine.query(
            "select count(*) as videos, count(claim_status) as labels, count(video_view_count) as views, "
            "count(verified_status) as verified, count(video_like_count) as likes from marts.fct_videos"
        ).to_pylist()
    expected = {"videos": 200, "labels": 134, "views": 200, "verified": 0, "likes": 200}
    assert counts == (expected if columns == HEADER else {**expected, "labels": 0, "views": 0})
