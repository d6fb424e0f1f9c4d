"""The descriptive marts against numpy, pandas and scipy on the same rows."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from warehouse import contract
from warehouse.factory import open_engine

METRICS = {"views": "video_view_count", "comments": "video_comment_count", "duration": "video_duration_sec"}


@pytest.fixture(scope="module")
def read(built_warehouse):
    with open_engine(built_warehouse, read_only=True) as engine:
        yield lambda name: engine.query(f"select * from {contract.relation(name)}").to_pandas()


@pytest.fixture(scope="module")
def videos(read) -> pd.DataFrame:
    return read("fct_videos")


def test_the_profile_covers_every_delivered_column_with_the_contracts_type(read) -> None:
    profile = read("agg_column_profile").sort_values("column_number")
    staged = {column.name for column in contract.columns("stg_tiktok__videos")}
    expected = {
        column.name: column.data_type
        for column in contract.columns("fct_videos")
        if column.name in staged and not column.name.startswith("delivery_")
    }
    assert len(expected) == 11
    assert dict(zip(profile["column_name"], profile["column_type"], strict=True)) == expected


def test_the_profile_counts_and_spreads_as_pandas_does(read, videos) -> None:
    profile = read("agg_column_profile").set_index("column_name")
    for column in ("video_view_count", "video_duration_sec", "video_transcription_text"):
        values = videos[column].dropna()
        measures = values.str.len() if column.endswith("text") else values.astype(float)
        row = profile.loc[column]
        assert row[["non_null_count", "null_count", "distinct_count"]].tolist() == [
            len(values), len(videos) - len(values), values.nunique(),
        ]  # fmt: skip
        spread = ["minimum", "lower_quartile", "median", "upper_quartile", "maximum", "mean", "standard_deviation"]
        expected = [*np.quantile(measures, [0, 0.25, 0.5, 0.75, 1]), measures.mean(), measures.std()]
        assert row[spread].astype(float).tolist() == pytest.approx(expected, abs=1e-6)


def test_top_values_are_the_most_frequent(read, videos) -> None:
    top = read("agg_top_values").sort_values(["column_name", "value_rank"])
    assert set(top["column_name"]) == set(read("agg_column_profile")["column_name"]) - {"video_id"}
    statuses = top[top["column_name"] == "author_ban_status"]
    counts = videos["author_ban_status"].value_counts()
    assert dict(zip(statuses["column_value"], statuses["video_count"], strict=True)) == counts.to_dict()
    durations = top[top["column_name"] == "video_duration_sec"]["video_count"].tolist()
    assert durations == videos["video_duration_sec"].value_counts().head(5).tolist()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("scope", ["all", "claim", "opinion"])
def test_shape_and_outliers_agree_with_scipy(read, videos, metric, scope) -> None:
    rows = videos[videos["is_labelled"] & videos["label"].isin(["claim", "opinion"] if scope == "all" else [scope])]
    values = rows[METRICS[metric]].astype(float)
    shape = read("agg_metric_shape").set_index(["metric", "claim_scope"]).loc[(metric, scope)]
    lower, upper = np.quantile(values, [0.25, 0.75], method="inverted_cdf")
    is_outlier = (values < lower - 1.5 * (upper - lower)) | (values > upper + 1.5 * (upper - lower))
    assert shape["standard_deviation"] == pytest.approx(values.std(ddof=0), abs=1e-6)
    assert shape["skewness_coefficient"] == pytest.approx(stats.skew(values), abs=1e-6)
    assert shape["excess_kurtosis"] == pytest.approx(stats.kurtosis(values), abs=1e-6)
    assert shape["upper_fence"] == pytest.approx(upper + 1.5 * (upper - lower))
    assert shape["outlier_count"] == is_outlier.sum()
    assert shape["claim_outlier_count"] == (is_outlier & (rows["label"] == "claim")).sum()


def test_pooled_outliers_come_with_the_warning_that_they_are_a_class(read) -> None:
    shape = read("agg_metric_shape")
    pooled = shape[(shape["claim_scope"] == "all") & (shape["outlier_count"] > 0)]
    assert len(pooled) > 0
    # The twin's reviewers err three times in a thousand, so that a claim beyond the fence may be labelled opinion.
    assert (pooled["claim_outlier_count"] >= 0.98 * pooled["outlier_count"]).all()
    is_class = pooled["outlier_count"] == pooled["claim_outlier_count"]
    assert (pooled["reading"].str.contains("finds a class, not errors") == is_class).all()


def test_missingness_counts_every_video_once(read, videos) -> None:
    cells = read("agg_missingness")
    assert cells["video_count"].sum() == len(videos)
    assert (cells["labelled_count"] + cells["unlabelled_count"] == cells["video_count"]).all()
    assert cells["unlabelled_count"].sum() == videos["label"].isna().sum()
