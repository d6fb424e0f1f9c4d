"""Small labelled frames for the models' tests: no warehouse, no files."""

import numpy as np
import pandas as pd
import pytest

from ml.pipelines import build
from ml.stages import Stage, stage
from ml.training import labels

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
                "split": random.choice(["train", "validation", "test"], count, p=[0.6, 0.2, 0.2]),
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
    """A small random forest of a stage, fitted once."""
    cache = {}

    def fit(name: str):
        if name not in cache:
            used: Stage = stage(name)
            train = videos[videos["split"] == "train"]
            model = build("random_forest", used, {"max_depth": 6})
            cache[name] = model.set_params(model__n_estimators=15, model__oob_score=False).fit(
                train[list(used.columns)], labels(train)
            )
        return cache[name]

    return fit
