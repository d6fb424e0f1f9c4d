"""The same work with polars, streaming where it can. Written for comparison."""

import time
from typing import Any

import polars as pl


def ingest(file: str, target: str) -> int:
    """Read the CSV, write Parquet, without holding the rows."""
    pl.scan_csv(file, null_values=["", "#N/A"]).sink_parquet(target, compression="zstd")
    rows: int = pl.scan_parquet(target).select(pl.len()).collect().item()
    return rows


def question(file: str, repeats: int = 5) -> Any:
    """One question of the dashboard, from Parquet: views by author status, labelled videos only."""
    from benchmarks.contender import Timed

    seconds = []
    for _ in range(repeats):
        clock = time.perf_counter()
        rows = (
            pl.scan_parquet(file)
            .filter(pl.col("is_labelled"))
            .group_by("author_ban_status")
            .agg(pl.len().alias("count"), pl.col("video_view_count").mean().alias("mean"))
            .collect(engine="streaming")
            .rows()
        )
        seconds.append(time.perf_counter() - clock)
    return Timed(sorted(seconds)[repeats // 2], {status: [count, round(mean, 3)] for status, count, mean in rows})
