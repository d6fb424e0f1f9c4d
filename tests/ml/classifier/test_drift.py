"""Drift: a delivery like the others never alarms, one that differs does, and its own labels never clear it."""

from collections.abc import Iterator
from itertools import pairwise

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from ml.classifier import drift
from ml.classifier.drift import AS_BEFORE, DRIFTING, UNLIKE, Drift
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.settings import ROOT
from wording.delivery import drift as said

COUNTS = [f"video_{name}_count" for name in ("view", "like", "share", "download", "comment")]


def videos(rows: int, delivery: int, seed: int, times: float = 1.0) -> pd.DataFrame:
    """Videos of one kind, with all features."""
    random = np.random.default_rng(seed)
    views = np.floor(random.lognormal(9, 1.5, rows) * times)
    frame = pd.DataFrame({"video_view_count": views})
    for before, name in pairwise(COUNTS):
        frame[name] = np.floor(frame[before] * random.beta(3, 6, rows))
    for name, top, bottom in (
        ("like_rate", COUNTS[1], COUNTS[0]), ("share_rate", COUNTS[2], COUNTS[1]),
        ("download_rate", COUNTS[3], COUNTS[1]), ("comment_rate", COUNTS[4], COUNTS[3]),
    ):  # fmt: skip
        frame[name] = frame[top] / frame[bottom].where(frame[bottom] > 0)
    frame["video_duration_sec"] = random.integers(5, 61, rows)
    frame["verified_status"] = random.choice(["verified", "not verified"], rows, p=[0.1, 0.9])
    frame["author_ban_status"] = random.choice(["active", "banned", "under review"], rows, p=[0.8, 0.1, 0.1])
    frame["video_transcription_text"] = "words"
    frame["transcription_character_count"] = random.integers(30, 140, rows)
    return frame.assign(delivery_number=delivery)


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(duckdb.connect(":memory:"))
    yield engine
    engine.close()


def found(engine: DuckDBEngine, *deliveries: pd.DataFrame, labelled: bool = True) -> list[Drift]:
    frame = pd.concat(deliveries, ignore_index=True)
    frame["video_id"] = range(1, len(frame) + 1)
    first = frame["delivery_number"] == frame["delivery_number"].min()
    frame["is_claim"] = (frame["video_id"] % 2 == 0).astype(object).where(first | labelled, None)
    frame["split"] = "train"
    engine.connection.register("given", frame)
    engine.connection.execute("create schema if not exists marts; create schema if not exists ml")
    engine.connection.execute("create or replace table marts.fct_videos as select video_id, delivery_number from given")
    engine.connection.execute(
        "create or replace table ml.video_features as select * exclude (delivery_number, is_claim), "
        "cast(is_claim as boolean) as is_claim from given"
    )
    return drift.measure(engine, 100)


def test_one_delivery_has_nothing_to_be_compared_with(engine) -> None:
    assert found(engine, videos(500, 1, 1)) == []


def test_the_distance_is_kolmogorov_smirnovs(engine) -> None:
    before, later = videos(400, 1, 1), videos(90, 2, 2, times=3)
    distances = {one.feature: one for one in found(engine, before, later)}
    statistic = ks_2samp(later["video_duration_sec"], before["video_duration_sec"]).statistic
    assert distances["video_duration_sec"].distance == pytest.approx(statistic)
    seen, new = (frame["video_view_count"][frame["video_view_count"] >= 100] for frame in (before, later))
    larger = ks_2samp(new, seen, alternative="less").statistic
    assert distances["video_view_count"].distance == pytest.approx(larger)
    share = abs((later["author_ban_status"] == "active").mean() - (before["author_ban_status"] == "active").mean())
    assert distances["author_ban_status"].distance >= share


def test_deliveries_of_one_kind_do_not_alarm(engine) -> None:
    alarms = 0
    for seed in range(20):
        deliveries = [videos(rows, number, 100 * seed + number) for number, rows in enumerate((900, 40, 300), start=1)]
        alarms += any(one.verdict != AS_BEFORE for one in found(engine, *deliveries))
    assert alarms == 0


def test_counts_times_ten_and_banned_authors_go_to_people_though_they_are_learned_from(engine) -> None:
    changed = videos(300, 2, 2, times=10)
    changed["author_ban_status"] = np.where(np.arange(300) % 10 < 7, "banned", "active")
    for labelled in (False, True):
        rows = found(engine, videos(900, 1, 1), changed, labelled=labelled)
        verdicts = {one.feature: one.verdict for one in rows}
        assert verdicts["video_view_count"] == verdicts["author_ban_status"] == UNLIKE
        assert verdicts["video_duration_sec"] == verdicts["like_rate"] == AS_BEFORE
        assert {one.delivery_number for one in rows if one.verdict == UNLIKE} == {2}
    (sentence,) = said([one.row() for one in rows])
    assert sentence.startswith("Delivery 2 is unlike what the models learned from, in author status (other shares), ")
    assert "People decide on each of its videos without a label." in sentence


def test_a_young_delivery_is_no_drift(engine) -> None:
    rows = found(engine, videos(900, 1, 1), videos(300, 2, 2, times=0.05), labelled=False)
    assert {one.verdict for one in rows if one.feature in COUNTS} == {AS_BEFORE}


def test_a_smaller_difference_is_told_and_the_models_go_on(engine) -> None:
    changed = videos(900, 2, 2)
    changed["video_duration_sec"] = np.minimum(60, changed["video_duration_sec"] + 11)
    rows = found(engine, videos(900, 1, 1), changed)
    assert {one.feature: one.verdict for one in rows if one.verdict != AS_BEFORE} == {"video_duration_sec": DRIFTING}
    assert UNLIKE not in {one.verdict for one in rows}
    assert said([one.row() for one in rows]) == [
        "Delivery 2 differs from what the models learned from, in length (larger). The models decide on it as before."
    ]


def test_the_distances_are_those_that_people_read() -> None:
    told = " ".join((ROOT / "docs" / "models.md").read_text(encoding="utf-8").split())
    assert f"From a distance of {drift.NOTICED:g} that chance does not explain" in told
    assert f"from {drift.UNLIKE_FROM:g} the delivery's undecided videos go to people" in told
    columns = {column.name: column.description for column in contract.columns("delivery_drift")}
    assert f": {drift.UNLIKE_FROM:g}, or what chance explains" in columns["unlike_distance"]
    assert f": {drift.NOTICED:g}, or more where chance explains it" in columns["noticed_distance"]
