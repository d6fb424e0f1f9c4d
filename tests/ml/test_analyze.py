"""The whole script on small, hard data: every case gives rows and sentences, never a trace, a warning or a NaN."""

import math

import numpy as np
import pandas as pd
import pytest

from ml import analyze
from warehouse import contract
from warehouse.errors import UsageError

TABLES = (
    "statistical_results",
    "metric_ranking",
    "assumption_checks",
    "regression_performance",
    "regression_calibration",
)


def videos(rows: int, seed: int = 1, **fixed) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "claim_status": random.choice(["claim", "opinion"], rows),
            "verified_status": random.choice(["verified", "not verified"], rows, p=[0.2, 0.8]),
            "author_ban_status": random.choice(["active", "banned", "under review"], rows),
            "video_duration_sec": random.integers(5, 61, rows),
            "video_view_count": random.integers(100, 10_000, rows),
        }
    )
    for name, share in (("like", 0.5), ("share", 0.2), ("download", 0.1), ("comment", 0.05)):
        frame[f"video_{name}_count"] = (frame["video_view_count"] * random.random(rows) * share).astype(int)
    return frame.assign(**fixed)


def with_unknown_counts() -> pd.DataFrame:
    frame = videos(200).astype({"video_view_count": object, "video_like_count": object})
    frame.loc[::3, ["video_view_count", "video_like_count"]] = None
    return frame


def separated(complete: bool) -> pd.DataFrame:
    frame = videos(200)
    verified = frame["verified_status"] == "verified"
    frame.loc[verified, "claim_status"] = "opinion"
    if complete:
        frame.loc[~verified, "claim_status"] = "claim"
    return frame


HARD_CASES = {
    "no video at all": videos(0),
    "no labelled video": videos(30, claim_status=None),
    "one video": videos(1),
    "ten videos": videos(10),
    "nobody verified": videos(60, verified_status="not verified"),
    "everybody verified": videos(60, verified_status="verified"),
    "one verified": videos(60, verified_status=["verified", *["not verified"] * 59]),
    "claims only": videos(80, claim_status="claim"),
    "constant views": videos(120, video_view_count=500, video_like_count=3),
    "all ties": videos(
        60, video_view_count=5, video_like_count=5, video_share_count=5, video_download_count=5, video_comment_count=5,
        video_duration_sec=5, claim_status="claim", author_ban_status="active",
    ),
    "collinear counts": videos(150).assign(video_share_count=lambda frame: frame["video_view_count"]),
    "complete separation": separated(complete=True),
    "quasi-separation": separated(complete=False),
    "unknown counts": with_unknown_counts(),
    "unlabelled among them": videos(90).assign(claim_status=lambda x: x["claim_status"].where(x.index % 4 > 0)),
    "huge counts": videos(60).assign(video_view_count=lambda frame: frame["video_view_count"] * 10**12),
}  # fmt: skip


def written(engine) -> dict[str, list[dict]]:
    return {name: engine.query(f"select * from {contract.relation(name)}").to_pylist() for name in TABLES}


@pytest.mark.parametrize("case", HARD_CASES)
def test_hard_cases_give_sentences(engine_of, case) -> None:
    engine = engine_of(HARD_CASES[case])
    assert analyze.run(engine) > 0
    tables = written(engine)
    for name, rows in tables.items():
        for row in rows:
            assert not any(isinstance(value, float) and not math.isfinite(value) for value in row.values()), (name, row)
    for row in tables["statistical_results"]:
        assert row["sentence"]
        assert "nan" not in row["sentence"].lower().split()
        assert (row["lower_bound"] is None) == (row["upper_bound"] is None) == (row["confidence_level"] is None)
        if row["estimate"] is None and row["p_value"] is None:
            assert any(word in row["sentence"] for word in SAYS_WHY), row
    assert {row["status"] for row in tables["assumption_checks"]} <= {"passed", "failed", "not applicable"}


SAYS_WHY = ("Not ", "cannot", "left out", "Every video", "comes first", "Like with like")


@pytest.mark.parametrize("case", ["complete separation", "quasi-separation"])
def test_separation_falls_back_to_a_labelled_penalty_without_p_values(engine_of, case) -> None:
    engine = engine_of(HARD_CASES[case])
    analyze.run(engine)
    tables = written(engine)
    (check,) = [row for row in tables["assumption_checks"] if row["check_name"] == "separation"]
    assert check["status"] == "failed"
    terms = [
        row
        for row in tables["statistical_results"]
        if row["term"] == "claim_status opinion" and "course" not in row["method"]
    ]
    assert [(row["method"].startswith("L2-penalised"), row["p_value"], row["lower_bound"]) for row in terms] == [
        (True, None, None)
    ]


def test_collinear_terms_are_left_out_and_named(engine_of) -> None:
    engine = engine_of(HARD_CASES["collinear counts"])
    analyze.run(engine)
    results = written(engine)["statistical_results"]
    assert any("left out: the terms before it determine it" in row["sentence"] for row in results)


def test_the_metric_is_a_parameter(engine_of) -> None:
    engine = engine_of(videos(100))
    analyze.run(engine, "video_like_count")
    first = written(engine)["statistical_results"][0]
    assert first["metric"] == "video_like_count"
    assert "likes" in first["sentence"]
    with pytest.raises(UsageError, match="video_view_count"):
        analyze.run(engine, "likes")


def test_above_the_bound_the_regression_sees_a_stated_sample(engine_of) -> None:
    engine = engine_of(videos(600))
    analyze.run(engine, sample_rows=300)
    row = next(row for row in written(engine)["statistical_results"] if row["term"] == "duration per second")
    assert row["observation_count"] == 300
    assert "300 of 600 labelled videos, chosen by key hash" in row["method"]


def test_an_insignificant_difference_never_reads_as_one(engine_of) -> None:
    engine = engine_of(videos(300))
    analyze.run(engine)
    for row in written(engine)["statistical_results"]:
        if row["method"] == "Welch t-test" and row["p_value"] >= 0.05:
            assert "no clear difference" in row["sentence"]
