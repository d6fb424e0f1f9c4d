from pipeline.ingest import ingest
from pipeline.synthetic import write_synthetic
from warehouse.duckdb_engine import connect_for
from warehouse.settings import Settings


def test_landing_the_same_content_twice_changes_nothing(tmp_path) -> None:
    settings = Settings(home=tmp_path / "var")
    first, renamed = tmp_path / "first.csv", tmp_path / "renamed.csv"
    write_synthetic(first, 200, 1)
    renamed.write_bytes(first.read_bytes())
    (landed,) = ingest(settings, [first], is_synthetic=False)
    (again,) = ingest(settings, [renamed], is_synthetic=False)
    assert landed.is_new
    assert not again.is_new
    assert again.number == landed.number
    assert len([*settings.landing.iterdir()]) == 1


def test_lineage_and_transcripts_are_kept_as_delivered(tmp_path) -> None:
    settings = Settings(home=tmp_path / "var")
    file, other = tmp_path / "a.csv", tmp_path / "b.csv"
    write_synthetic(file, 200, 1)
    write_synthetic(other, 100, 2)
    ingest(settings, [file, other], is_synthetic=False)
    with connect_for(settings) as connection:
        rows = connection.execute(
            "select delivery_number, delivery_file_name, min(delivery_row_number), max(delivery_row_number), count(*), "
            "count(case when video_transcription_text like '%  %' then 1 end) from read_parquet($files) "
            "group by all order by all",
            {"files": str(settings.landing / "*" / "landed_videos.parquet")},
        ).fetchall()
    assert [row[:5] for row in rows] == [(1, "a.csv", 1, 200, 200), (2, "b.csv", 1, 100, 100)]
    assert rows[0][5] > 0, "double spaces stay"


def test_real_deliveries_replace_synthetic_ones(tmp_path) -> None:
    settings = Settings(home=tmp_path / "var")
    twin, real = tmp_path / "twin.csv", tmp_path / "real.csv"
    write_synthetic(twin, 100, 1)
    write_synthetic(real, 100, 2)
    ingest(settings, [twin], is_synthetic=True)
    ingest(settings, [real], is_synthetic=False)
    (delivery,) = [*settings.landing.iterdir()]
    assert (delivery / "landed_videos.parquet").exists()
    assert delivery.name.startswith("00002")
