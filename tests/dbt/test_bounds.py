"""Values of a real platform: every column at the bounds that its feed declares, and next to them."""

import itertools
from collections.abc import Iterator

import duckdb
import numpy as np
import pytest

from tests.dbt.compiled import built_from
from warehouse import contract
from warehouse.settings import Settings

BOUNDS = {
    column.name: (column.meta["minimum"], column.meta["maximum"])
    for column in contract.columns("landed_videos")
    if column.data_type == "bigint" and "maximum" in column.meta and "is_optional" not in column.meta
}
COUNTS = tuple(contract.counts().values())
TEN_MILLION = 10_000_000
STATUSES = [
    dict(zip(("claim_status", "verified_status", "author_ban_status"), values, strict=True))
    for values in itertools.product(
        (*contract.categories("claim_status"), None),
        contract.categories("verified_status"),
        contract.categories("author_ban_status"),
    )
]


def bounded_videos() -> list[dict[str, object]]:
    """Each combination of statuses four times: all at the minimum, at the maximum, and one beside them."""
    videos = []
    for place, (statuses, step) in enumerate(itertools.product(STATUSES, (0, 1, -1, -2))):
        values = {name: bounds[0] + step if step >= 0 else bounds[1] + step + 1 for name, bounds in BOUNDS.items()}
        key = place if step >= 0 else BOUNDS["video_id"][1] - place
        videos.append({**values, **statuses, "video_id": key, "delivery_number": 1, "delivery_row_number": place})
    return videos


@pytest.fixture(scope="module")
def bounded(built_warehouse: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with built_from(built_warehouse, {"stg_tiktok__videos": bounded_videos()}) as connection:
        yield connection


def test_the_bounds_are_those_of_a_platform() -> None:
    assert BOUNDS["video_id"][1] == 2**63 - 1
    assert all(BOUNDS[count] == (0, 10**15) for count in COUNTS)


def test_every_statement_holds_at_the_bounds(bounded: duckdb.DuckDBPyConnection) -> None:
    videos = len(bounded_videos())
    assert bounded.execute("select count(*) from marts.fct_videos").fetchall() == [(videos,)]
    total, mean = bounded.execute(
        "select sum(total_views), max(mean_views) from marts.agg_videos_by_claim_status"
    ).fetchall()[0]
    assert total == sum(row["video_view_count"] for row in bounded_videos())
    assert mean == 5e14
    key = bounded.execute(
        "select minimum, maximum, distinct_count, mean, standard_deviation, median from marts.agg_column_profile"
        " where column_name = 'video_id'"
    ).fetchall()
    assert key == [(0, 2**63 - 3, videos, None, None, None)]


def test_bins_hold_their_values(built_warehouse: Settings) -> None:
    edges = {10**power + step for power in range(16) for step in (-1, 0, 1)}
    edges |= {int(np.ceil(10 ** (quarter / 4))) + step for quarter in range(60) for step in (-1, 0)}
    values = sorted(edge for edge in edges if edge <= 10**15)
    template = bounded_videos()[0]
    videos = [{**template, "video_id": place, "video_view_count": value} for place, value in enumerate(values)]
    with built_from(built_warehouse, {"stg_tiktok__videos": videos}) as connection:
        rows = connection.execute(
            "select lower_bound, upper_bound, video_count from marts.agg_metric_histogram where metric = 'views'"
        ).fetchall()
    assert sum(count for _, _, count in rows) == len(values)
    assert [row for row in rows if sum(row[0] <= value <= row[1] for value in values) != row[2]] == []


def not_finite(connection: duckdb.DuckDBPyConnection, catalog: str) -> Iterator[str]:
    """Columns of public tables that hold a NaN or an infinity."""
    for table in contract.public_tables().values():
        doubles = [column.name for column in table.columns if column.data_type == "double"]
        if doubles and (catalog == "built" or table.schema != "quality"):
            counts = ", ".join(f"count(*) filter (not isfinite({name}))" for name in doubles)
            (found,) = connection.execute(f"select {counts} from {catalog}.{contract.relation(table.name)}").fetchall()
            yield from (f"{table.name}.{name}" for name, count in zip(doubles, found, strict=True) if count)


@pytest.mark.parametrize("catalog", ["built", "warehouse"], ids=["of the twin", "at the bounds"])
def test_no_public_number_is_infinite_or_nan(catalog: str, bounded: duckdb.DuckDBPyConnection) -> None:
    assert not [*not_finite(bounded, catalog)]


def test_sums_have_room_for_ten_million_times_that() -> None:
    """The widest sums of the models, by arithmetic: what is added, how often, and the digits that hold it."""
    videos = TEN_MILLION * len(bounded_videos())
    largest = max(bounds[1] for name, bounds in BOUNDS.items() if name != "video_id")
    assert largest * videos < 10**38  # exact_sum: decimal(18, 0) adds up in 38 digits
    assert largest < 10**18
    assert videos < 10**12  # the weight of a counted value
    assert 10**12 * videos < 10**25  # int_metric_pairs_summed, in units below a trillion
    assert 4 * 10**24 * videos < 10**38


NEARLY = 100_000_000


@pytest.mark.parametrize(
    ("views", "likes"),
    [
        ([NEARLY] * 400 + [NEARLY - 1], [*range(400), 7]),
        ([NEARLY] * 400 + [0], [*range(400), 7]),
        ([10**15 - place % 3 for place in range(300)], [10**15 - (place * 7) % 5 for place in range(300)]),
        ([0, 10**15] * 150, [*range(300)]),
        ([1, 2, 3, 4], [2, 4, 6, 8]),
    ],
    ids=["one below", "one at zero", "close at the maximum", "both ends", "perfect"],
)
def test_correlations_are_right_where_a_metric_hardly_varies(built_warehouse, views, likes) -> None:
    videos = [
        {
            "video_id": place, "claim_status": "opinion", "verified_status": "verified", "author_ban_status": "active",
            "video_duration_sec": 5, "video_view_count": view, "video_like_count": like, "video_share_count": 0,
            "video_download_count": 0, "video_comment_count": 0, "delivery_number": 1, "delivery_row_number": place,
        }
        for place, (view, like) in enumerate(zip(views, likes, strict=True))
    ]  # fmt: skip
    with built_from(built_warehouse, {"stg_tiktok__videos": videos}) as connection:
        found = dict(
            connection.execute(
                "select second_metric, coefficient from marts.agg_metric_correlations"
                " where claim_scope = 'opinion' and first_metric = 'views'"
            ).fetchall()
        )
    first, second = (np.array(values, dtype=object) for values in (views, likes))
    exact = [np.array(values - min(values), dtype=float) for values in (first, second)]
    assert found["likes"] == pytest.approx(np.corrcoef(*exact)[0, 1], abs=1e-9)
    assert found["shares"] is None
    assert found["views"] == 1
