"""Many deliveries: each lands once, wholly or not at all, and real rows never stand beside synthetic ones."""

import os
from pathlib import Path

import pytest

from pipeline.landing import folder
from pipeline.landing.ingest import ingest, try_delivery
from pipeline.landing.inputs import find_inputs
from pipeline.landing.synthetic import sounds_synthetic, write_synthetic
from pipeline.state import journal
from tests.pipeline.landing.landing_cases import file_of, landed_numbers, record
from warehouse.duckdb_engine import connect_for
from warehouse.errors import DataError, UsageError
from warehouse.settings import Settings


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path / "var", synthetic_rows=50)


@pytest.fixture
def deliver(tmp_path):
    def write(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def test_landing_the_same_content_twice_changes_nothing(settings, deliver) -> None:
    first, renamed = deliver("first.csv", file_of()), deliver("renamed.csv", file_of())
    (landed,) = ingest(settings, [first], is_synthetic=False)
    before = {path: path.stat().st_mtime_ns for path in settings.landing.rglob("*")}
    (again,) = ingest(settings, [renamed], is_synthetic=False)
    assert landed.is_new
    assert not again.is_new
    assert again.number == landed.number
    assert {path: path.stat().st_mtime_ns for path in settings.landing.rglob("*")} == before


def test_lineage_and_transcripts_are_kept_as_delivered(tmp_path, settings) -> None:
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


@pytest.mark.parametrize(
    "name", ["a'; drop table x; --.csv", "[ab]*?.csv", "$(touch x).csv", "-rf.csv", "a\nb.csv", "ü☃.csv"]
)
def test_a_hostile_name_is_data(name: str, settings: Settings, deliver) -> None:
    """Other files that such a name would match as a pattern, or a shell would make of it, are left alone."""
    deliver("a.csv", file_of(record(7), record(8)))
    (landed,) = ingest(settings, [deliver(name, file_of())], is_synthetic=False)
    assert (landed.record_count, landed.rejected_count) == (3, 0)
    (table,) = settings.landing.glob("*/landed_videos.parquet")
    with connect_for(settings) as connection:
        assert connection.execute("select count(*) from read_parquet(?)", [str(table)]).fetchone() == (3,)
    assert {path.name for path in settings.home.parent.iterdir()} == {"var", "a.csv", name}


def test_files_land_in_the_order_of_their_names(settings, deliver) -> None:
    files = [deliver(name, file_of(record(number + 2))) for number, name in enumerate(("b.csv", "a.csv", "c.csv"))]
    ingest(settings, files, is_synthetic=False)
    assert landed_numbers(settings) == [(1, "a.csv"), (2, "b.csv"), (3, "c.csv")]
    ingest(settings, [deliver("0.csv", file_of())], is_synthetic=False)
    assert landed_numbers(settings)[-1] == (4, "0.csv")


def test_a_refused_file_leaves_nothing_and_earlier_ones_stay(settings, deliver) -> None:
    with pytest.raises(DataError, match="z\\.csv"):
        ingest(settings, [deliver("z.csv", b"x"), deliver("a.csv", file_of())], is_synthetic=False)
    assert landed_numbers(settings) == [(1, "a.csv")]
    assert [*settings.work.iterdir()] == []


def test_a_delivery_lands_wholly_or_not_at_all(settings, deliver, monkeypatch) -> None:
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="space"):
        ingest(settings, [deliver("a.csv", file_of())], is_synthetic=False)
    assert [*settings.landing.iterdir()] == []
    assert [*settings.work.iterdir()] == []


def test_what_a_crashed_run_left_is_no_obstacle(settings, deliver) -> None:
    path = deliver("a.csv", file_of(record(2, views="2.0")))
    (landed,) = ingest(settings, [path], is_synthetic=False)
    stale = journal.reserve(settings, "ingest")
    stale.mkdir()
    (stale / "landed_videos.parquet").write_bytes(b"half")
    folder.remove(settings, [landed])
    assert [delivery.is_new for delivery in ingest(settings, [path], is_synthetic=False)] == [True]


def test_a_delivery_holds_only_its_tables(settings, deliver) -> None:
    ingest(settings, [deliver("a.csv", file_of(record(2, views="2.0")))], is_synthetic=False)
    (folder,) = settings.landing.iterdir()
    assert sorted(path.name for path in folder.iterdir()) == [
        "landed_deliveries.parquet",
        "landed_rejects.parquet",
        "landed_repairs.parquet",
        "landed_videos.parquet",
        "manifest.json",
    ]


def test_a_file_that_grows_while_it_is_read_is_refused(settings, deliver, monkeypatch) -> None:
    path = deliver("a.csv", file_of())
    original = folder.Delivery
    monkeypatch.setattr("pipeline.landing.ingest.sounds_synthetic", lambda _: (os.utime(path, (1, 1)), False)[1])
    with pytest.raises(DataError, match="changed while it was read"):
        ingest(settings, [path], is_synthetic=False)
    assert original is folder.Delivery
    assert landed_numbers(settings) == []


def test_a_file_that_another_takes_the_place_of_is_refused(settings, deliver, monkeypatch) -> None:
    path, other = deliver("a.csv", file_of()), deliver("b.csv", file_of(good=3).replace(b"claim", b"CLAIM"))

    def swap(_) -> bool:
        os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
        assert path.stat().st_size == other.stat().st_size
        other.replace(path)
        return False

    monkeypatch.setattr("pipeline.landing.ingest.sounds_synthetic", swap)
    with pytest.raises(DataError, match="changed while it was read"):
        ingest(settings, [path], is_synthetic=False)
    assert landed_numbers(settings) == []


def test_what_is_no_delivery_is_passed_over_in_the_folder_of_deliveries(tmp_path, settings, monkeypatch) -> None:
    raw = tmp_path / "raw"
    monkeypatch.setattr("pipeline.landing.inputs.RAW_FOLDER", raw)
    (raw / "old").mkdir(parents=True)
    (raw / "notes.txt").write_text("the id of each video\nis in the first column\n")
    (raw / "manual.pdf").write_bytes(b"%PDF-1.7")
    assert find_inputs([], settings).is_synthetic, "strays alone are no input"
    (raw / "lacking.csv").write_bytes(file_of().replace(b"video_view_count", b"plays"))
    (raw / "good.csv").write_bytes(file_of())
    inputs = find_inputs([], settings)
    assert [path.name for path in inputs.files] == ["good.csv", "lacking.csv"], "a table that lacks a column is refused"
    assert inputs.passed_over == (
        "passed over data/raw/manual.pdf, no delivery",
        "passed over data/raw/notes.txt, no delivery",
        "passed over data/raw/old, a folder",
    )


def test_the_first_real_delivery_removes_the_synthetic_ones(tmp_path, settings, deliver) -> None:
    twin = tmp_path / "looks-like-any-other.csv"
    write_synthetic(twin, 100, 1)
    (synthetic,) = ingest(settings, [twin], is_synthetic=False)
    assert synthetic.is_synthetic, "recognised by what it says"
    (real,) = ingest(settings, [deliver("real.csv", file_of())], is_synthetic=False)
    assert real.replaced == ("looks-like-any-other.csv",)
    assert landed_numbers(settings) == [(1, "real.csv")], "numbered as if the synthetic rows had never been"
    with pytest.raises(DataError, match="CLAIMS_HOME"):
        ingest(settings, [twin], is_synthetic=False)
    assert landed_numbers(settings) == [(1, "real.csv")]


def test_synthetic_rows_left_beside_real_ones_by_a_crash_go_at_the_next_run(
    tmp_path, settings, deliver, monkeypatch
) -> None:
    twin = tmp_path / "twin.csv"
    write_synthetic(twin, 100, 1)
    ingest(settings, [twin], is_synthetic=False)
    real = deliver("real.csv", file_of())
    with monkeypatch.context() as patched:
        patched.setattr("pipeline.landing.ingest.remove", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            ingest(settings, [real], is_synthetic=False)
    assert len(landed_numbers(settings)) == 2
    ingest(settings, [], is_synthetic=False)
    assert landed_numbers(settings) == [(1, "real.csv")]


def test_the_twin_is_known_by_its_phrases_alone(tmp_path) -> None:
    assert not sounds_synthetic([])
    assert not sounds_synthetic(["someone said that the moon is round"])


def test_inputs_follow_the_precedence(tmp_path, settings, deliver, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.landing.inputs.RAW_FOLDER", tmp_path / "raw")
    (tmp_path / "raw").mkdir()
    twin = find_inputs([], settings)
    assert twin.is_synthetic
    ingest(settings, twin.files, is_synthetic=True)
    bigger = find_inputs([], settings.model_copy(update={"synthetic_rows": 60}))
    ingest(settings, bigger.files, is_synthetic=True)
    assert [name for _, name in landed_numbers(settings)] == [path.name for path in bigger.files], "one twin at a time"
    (tmp_path / "raw" / ".gitkeep").touch()
    (tmp_path / "raw" / "b.csv").write_bytes(file_of(record(2)))
    (tmp_path / "raw" / "a.csv").write_bytes(file_of(record(3)))
    assert [path.name for path in find_inputs([], settings).files] == ["a.csv", "b.csv"]
    named = deliver("named.csv", file_of(record(4)))
    monkeypatch.setenv("TIKTOK_CSV", str(named))
    assert find_inputs([], settings).files == (named,)
    argument = deliver("argument.csv", file_of(record(5)))
    assert find_inputs([argument], settings).files == (argument,)


def test_without_inputs_the_landed_deliveries_stay(tmp_path, settings, deliver, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.landing.inputs.RAW_FOLDER", tmp_path / "raw")
    ingest(settings, [deliver("real.csv", file_of())], is_synthetic=False)
    inputs = find_inputs([], settings)
    assert inputs.files == ()
    assert ingest(settings, inputs.files, is_synthetic=inputs.is_synthetic) == []
    assert landed_numbers(settings) == [(1, "real.csv")]


def test_a_pipe_is_no_file(tmp_path, settings) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(UsageError, match="no file"):
        find_inputs([tmp_path / "pipe.csv"], settings)


def test_trying_a_delivery_lands_nothing(settings, deliver) -> None:
    loaded = try_delivery(settings, deliver("a.csv", file_of(record(2, views="2.0"))))
    assert loaded.landed_count == 4
    assert not settings.landing.exists()
    assert [*settings.work.iterdir()] == []
