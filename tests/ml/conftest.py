"""Hand-made videos: in a warehouse in memory for scripts that read marts, as labelled frames for the models."""

from collections.abc import Callable, Iterator

import duckdb
import hypothesis
import numpy as np
import pandas as pd
import pytest

from ml.classifier.feature_sets import FeatureSet, feature_set
from ml.classifier.forest import labels
from ml.classifier.pipelines import build
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
        frame["label"] = frame["claim_status"]
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


SAID = [
    f"{thing} is the {rank} of its kind"
    for thing in ("oak", "brick", "comet", "harp")
    for rank in ("first", "last", "best")
]


def make_videos(count: int, seed: int = 0) -> pd.DataFrame:
    """Labelled videos after the grammar of the real ones: claims are seen more, lead-ins differ by class."""
    random = np.random.default_rng(seed)
    label = random.random(count) < 0.5
    views = np.where(label, random.integers(1_000, 1_000_000, count), random.integers(20, 10_000, count))
    likes = np.floor(views * random.random(count) * np.where(label, 2 / 3, 4 / 9))
    shares, downloads = np.floor(likes * 0.4 * random.random(count)), np.floor(likes * 0.025 * random.random(count))
    comments = np.floor(downloads * random.random(count) * 0.5)
    lead_ins = np.where(
        label,
        random.choice(
            ["someone told me that", "i read that", "the news said that", "a friend learned that", "they heard that"],
            count,
        ),
        random.choice(
            ["my view is that", "our opinion is that", "we think that", "friends feel that", "in my mind it is that"],
            count,
        ),
    )
    text = [f"{lead} {said}" for lead, said in zip(lead_ins, random.choice(SAID, count), strict=True)]
    with np.errstate(invalid="ignore"):
        return pd.DataFrame(
            {
                "video_id": random.choice(10**9, count, replace=False) + 10**9,
                "is_claim": label,
                "split": random.choice(["train", "validation", "calibration", "test"], count, p=[0.6, 0.1, 0.1, 0.2]),
                "video_duration_sec": random.integers(5, 61, count),
                "verified_status": random.choice(["verified", "not verified"], count, p=[0.1, 0.9]),
                "author_ban_status": random.choice(["active", "under review", "banned"], count, p=[0.8, 0.1, 0.1]),
                "video_transcription_text": pd.Series(text, dtype="str"),
                "transcription_character_count": [len(words) for words in text],
                "video_view_count": views.astype(float),
                "video_like_count": likes,
                "video_share_count": shares,
                "video_download_count": downloads,
                "video_comment_count": comments,
                "like_rate": likes / views,
                "share_rate": shares / likes,
                "download_rate": downloads / likes,
                "comment_rate": comments / downloads,
            }
        )


@pytest.fixture(scope="session")
def videos() -> pd.DataFrame:
    return make_videos(1_000)


@pytest.fixture(scope="session")
def fitted(videos: pd.DataFrame):
    """A small random forest of a feature set, fitted once."""
    cache = {}

    def fit(name: str):
        if name not in cache:
            used: FeatureSet = feature_set(name)
            train = videos[videos["split"] == "train"]
            model = build("random_forest", used, {"max_depth": 6})
            cache[name] = model.set_params(model__n_estimators=15).fit(train[list(used.columns)], labels(train))
        return cache[name]

    return fit
