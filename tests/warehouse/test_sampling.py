"""A hashed sample is the same rows everywhere."""

import duckdb
import pytest

from warehouse.sampling import hashed_sample


@pytest.fixture(scope="module")
def videos():
    with duckdb.connect() as connection:
        connection.execute(
            "create table videos as select range * 7919 + 1234567890 as video_id, range % 3 = 0 as is_claim "
            "from range(20_000)"
        )
        yield connection


@pytest.mark.parametrize("salt", ["", "sample "])
@pytest.mark.parametrize("sample_rows", [1, 50, 3_000, 19_999, 20_000, 50_000])
def test_the_sample_is_the_smallest_hashes(videos, sample_rows: int, salt: str) -> None:
    found = videos.execute(hashed_sample("video_id", "videos", sample_rows, 20_000, salt=salt)).fetchall()
    everything = videos.execute(
        "select video_id from videos order by md5($1 || cast(video_id as string))", [salt]
    ).fetchall()
    assert found == everything[:sample_rows]


def test_a_condition_holds_before_the_sample_is_taken(videos) -> None:
    sql = hashed_sample("video_id, is_claim", "videos", 500, 6_667, where="is_claim")
    rows = videos.execute(sql).fetchall()
    assert len(rows) == 500
    assert all(is_claim for _, is_claim in rows)


def test_the_cut_leaves_most_rows_unsorted(videos) -> None:
    sql = hashed_sample("video_id", "videos", 500, 20_000)
    kept = videos.execute(f"select count(*) from ({sql.split(' order by ')[0]}) as kept").fetchall()[0][0]
    assert 500 <= kept < 1_200
