"""A warehouse of hand-made videos in memory, for the scripts that read marts."""

from collections.abc import Callable, Iterator

import duckdb
import hypothesis
import pandas as pd
import pytest

from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine

# The same examples on every machine, busy or not.
hypothesis.settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("steady")

DEFAULTS = {
    "claim_status": "claim",
    "verified_status": "not verified",
    "author_ban_status": "active",
    "video_duration_sec": 30,
    "video_view_count": 1_000,
    "video_like_count": 100,
    "video_share_count": 10,
    "video_download_count": 5,
    "video_comment_count": 1,
    "transcription_character_count": 80,
}
MakeEngine = Callable[..., DuckDBEngine]


@pytest.fixture
def engine_of() -> Iterator[MakeEngine]:
    """Makes an engine whose marts hold the videos of a frame; columns left out get a default."""
    engines: list[DuckDBEngine] = []

    def make(videos: pd.DataFrame, threads: int = 2) -> DuckDBEngine:
        engine = DuckDBEngine(duckdb.connect(":memory:", config={"threads": threads}))
        engines.append(engine)
        frame = pd.DataFrame({name: videos.get(name, value) for name, value in DEFAULTS.items()}, index=videos.index)
        frame["video_id"] = videos.get("video_id", pd.Series(range(1, len(frame) + 1), index=frame.index))
        frame["delivery_number"], frame["delivery_row_number"] = 1, frame["video_id"]
        frame["is_labelled"] = frame["claim_status"].notna()
        frame["is_claim"] = (frame["claim_status"] == "claim").astype(object).where(frame["is_labelled"], None)
        frame["is_verified"] = frame["verified_status"] == "verified"
        types = {column.name: column.data_type for column in contract.columns("fct_videos")}
        engine.connection.register("given_videos", frame)
        columns = ", ".join(f"cast({name} as {types[name]}) as {name}" for name in frame)
        engine.connection.execute("create schema marts")
        engine.connection.execute(f"create table marts.fct_videos as select {columns} from given_videos")
        engine.connection.unregister("given_videos")
        engine.connection.execute(
            "create table marts.agg_column_profile as select 'video_transcription_text' as column_name, "
            "count(*) as non_null_count, count(*) as distinct_count from marts.fct_videos"
        )
        engine.connection.execute(
            "create table marts.agg_missingness as select verified_status, author_ban_status, "
            "count(claim_status) as labelled_count, count(*) - count(claim_status) as unlabelled_count, "
            "count(*) filter (claim_status = 'claim') as claim_count, "
            "count(*) filter (claim_status = 'opinion') as opinion_count "
            "from marts.fct_videos group by verified_status, author_ban_status"
        )
        return engine

    yield make
    for engine in engines:
        engine.close()
