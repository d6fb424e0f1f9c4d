"""The notebook's way, with pandas: read the file, drop what is incomplete, group. Written for comparison."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

COUNTS = [f"video_{metric}_count" for metric in ("view", "like", "share", "download", "comment")]
METRICS = ["video_duration_sec", *COUNTS]


def ingest(file: str, target: str) -> int:
    """Read the CSV, write Parquet."""
    frame = pd.read_csv(file)
    frame.to_parquet(target, compression="zstd", index=False)
    return len(frame)


def marts(file: str) -> dict[str, int]:
    """The tables of the dashboard, from the file: the same answers as our aggregated marts, without the text."""
    frame = _clean(file)
    tables: dict[str, pd.DataFrame] = {}
    for status in ("claim_status", "verified_status", "author_ban_status"):
        tables[f"by {status}"] = frame.groupby(status)[METRICS].agg(["count", "sum", "mean", "median"])
    tables["by all statuses"] = frame.groupby(["claim_status", "verified_status", "author_ban_status"])[
        "video_view_count"
    ].agg(["count", "sum", "median"])
    tables["quantiles"] = frame.groupby("claim_status")[METRICS].quantile(np.array([0.05, 0.25, 0.5, 0.75, 0.95]))
    tables["correlations"] = pd.concat(
        [frame[METRICS].corr(), *(part[METRICS].corr() for _, part in frame.groupby("claim_status"))]
    )
    edges = [-1, 0, *(10**power - 1 for power in range(1, 7)), np.inf]
    for count in COUNTS:
        bins = pd.cut(frame[count], edges, labels=False)
        tables[f"bins of {count}"] = pd.crosstab(
            [bins, frame["verified_status"], frame["author_ban_status"]], frame["claim_status"]
        )
        tables[f"histogram of {count}"] = pd.crosstab(_log_bin(frame[count]), frame["claim_status"])
    tables["grid"] = (
        frame.assign(views=_log_bin(frame["video_view_count"]), likes=_log_bin(frame["video_like_count"]))
        .groupby(["claim_status", "views", "likes"])
        .size()
        .to_frame()
    )
    tables["profile"] = pd.DataFrame({"distinct": frame.nunique(), "present": frame.count()})
    return {name: len(table) for name, table in tables.items()}


def question(file: str) -> dict[str, Any]:
    """One question of the dashboard, from the file: views by author status."""
    return _answer(_clean(file))


def loaded_question(file: str, repeats: int = 3) -> Any:
    """The same question on a frame that is loaded already; its seconds leave the reading out."""
    from benchmarks.contender import Timed

    frame = _clean(file)
    seconds = []
    for _ in range(repeats):
        clock = time.perf_counter()
        answer = _answer(frame)
        seconds.append(time.perf_counter() - clock)
    return Timed(float(np.median(seconds)), answer)


def _clean(file: str) -> pd.DataFrame:
    return pd.read_csv(Path(file)).dropna(axis=0).reset_index(drop=True)


def _answer(frame: pd.DataFrame) -> dict[str, Any]:
    grouped = frame.groupby("author_ban_status")["video_view_count"].agg(["count", "mean"])
    return {str(status): [int(row["count"]), round(float(row["mean"]), 3)] for status, row in grouped.iterrows()}


def _log_bin(values: pd.Series) -> pd.Series:
    bins: pd.Series = pd.Series(np.floor(4 * np.log10(values.where(values > 0)))).add(1).fillna(0).astype(int)
    return bins
