"""Landed bytes are those that landed: any other is named, set aside, and repaired by the same file."""

import json
import random
import shutil
from pathlib import Path

import pytest

from pipeline.landing import folder
from pipeline.landing.ingest import ingest
from pipeline.landing.inputs import find_inputs
from pipeline.landing.manifest import MANIFEST, damage, read_delivery
from tests.pipeline.landing.landing_cases import file_of, landed_numbers, record
from warehouse.errors import DataError
from warehouse.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two deliveries have landed."""
    settings = Settings(home=tmp_path / "var")
    for name, number in (("a.csv", 2), ("b.csv", 3)):
        (tmp_path / name).write_bytes(file_of(record(number)))
    ingest(settings, [tmp_path / "a.csv", tmp_path / "b.csv"], is_synthetic=False)
    return settings


def flip(path: Path, bit: int) -> None:
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def flips_named(home: Path, count: int) -> None:
    """Single bits of any landed file, the manifest too, each seen."""
    drawn = random.Random(count)
    whole = next(home.glob("00001-*"))
    files = sorted(path.name for path in whole.iterdir())
    assert damage(whole) is None
    for turn in range(count):
        name = "landed_videos.parquet" if turn % 2 else drawn.choice(files)
        original = (whole / name).read_bytes()
        flip(whole / name, drawn.randrange(8 * len(original)))
        assert damage(whole) == name, turn
        (whole / name).write_bytes(original)
    assert damage(whole) is None


def test_a_flipped_bit_is_named(settings: Settings) -> None:
    flips_named(settings.landing, 12)


def test_a_changed_checksum_in_the_manifest_is_the_manifests_fault(settings: Settings) -> None:
    whole = next(settings.landing.glob("00001-*"))
    (entry, *_) = json.loads((whole / MANIFEST).read_text(encoding="utf-8"))["files"].values()
    text = (whole / MANIFEST).read_text(encoding="utf-8")
    (whole / MANIFEST).write_text(text.replace(entry["sha256"], entry["sha256"][::-1]), encoding="utf-8")
    assert damage(whole) == MANIFEST


def test_a_manifest_without_a_checksum_of_its_own_still_proves_its_files(settings: Settings) -> None:
    whole = next(settings.landing.glob("00001-*"))
    manifest = json.loads((whole / MANIFEST).read_text(encoding="utf-8"))
    del manifest["sha256"]
    (whole / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    assert damage(whole) is None
    flip(whole / "landed_videos.parquet", 801)
    assert damage(whole) == "landed_videos.parquet"


@pytest.mark.slow
def test_each_of_many_flipped_bits_is_named(settings: Settings) -> None:
    flips_named(settings.landing, 400)


def test_the_same_file_repairs_a_damaged_landing_in_its_place(tmp_path: Path, settings: Settings) -> None:
    (first, _) = sorted(settings.landing.iterdir())
    flip(first / "landed_videos.parquet", 801)
    (said,) = folder.set_damaged_aside(settings, is_thorough=True)
    assert said == f"set landing/{first.name} aside, since landed_videos.parquet is not as it landed; deliver it again"
    assert landed_numbers(settings) == [(2, "b.csv")]
    (tmp_path / "c.csv").write_bytes(file_of(record(4)))
    ingest(settings, [tmp_path / "c.csv"], is_synthetic=False)
    (again,) = ingest(settings, [tmp_path / "a.csv"], is_synthetic=False)
    assert again.is_new
    assert landed_numbers(settings) == [(1, "a.csv"), (2, "b.csv"), (3, "c.csv")]
    assert folder.numbers_set_aside(settings) == {}


def test_a_landing_of_a_version_without_manifests_is_told_from_a_damaged_one(settings: Settings) -> None:
    for landed in settings.landing.iterdir():
        (landed / "manifest.json").unlink()
    for said in folder.set_damaged_aside(settings, is_thorough=False):
        assert "since an earlier version landed it; deliver it again" in said
    assert len(folder.lost_deliveries(settings)) == 2, "real rows have to be delivered again"


def test_a_damaged_landing_is_repaired_although_nobody_noticed_it(tmp_path: Path, settings: Settings) -> None:
    (first, _) = sorted(settings.landing.iterdir())
    flip(first / "landed_videos.parquet", 801)
    (again,) = ingest(settings, [tmp_path / "a.csv"], is_synthetic=False)
    assert again.is_new
    assert damage(first) is None


def test_junk_among_the_landings_is_no_obstacle(tmp_path: Path, settings: Settings) -> None:
    (settings.landing / "00007-junk").mkdir()
    (settings.landing / "00007-junk" / "landed_videos.parquet").write_bytes(b"junk")
    (settings.landing / "notes.txt").write_text("stray")
    first = min(settings.landing.glob("00001-*"))
    shutil.copytree(first, settings.landing / "00008-copy")
    (tmp_path / "c.csv").write_bytes(file_of(record(4)))
    ingest(settings, [tmp_path / "c.csv"], is_synthetic=False)
    assert len(folder.set_damaged_aside(settings, is_thorough=False)) == 2
    assert (settings.landing / "notes.txt").read_text() == "stray"  # nobody would read it as a landing
    assert landed_numbers(settings) == [(1, "a.csv"), (2, "b.csv"), (3, "c.csv")]


def test_a_table_too_many_or_too_few_is_damage(settings: Settings) -> None:
    first, second = sorted(settings.landing.iterdir())
    shutil.copy(first / "landed_videos.parquet", first / "landed_reports.parquet")
    (second / "landed_repairs.parquet").unlink()
    assert (read_delivery(first), read_delivery(second)) == (None, None)
    assert (damage(first), damage(second)) == ("landed_reports.parquet", "landed_repairs.parquet")
    (first / MANIFEST).unlink()
    assert damage(first) == MANIFEST


def test_real_rows_that_were_damaged_are_not_replaced_by_the_twin(settings: Settings, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.landing.inputs.RAW_FOLDER", settings.home / "raw")
    for landing in [*settings.landing.iterdir()]:
        folder.set_aside(settings, landing)
    with pytest.raises(DataError, match=r"set aside and stands in .*set-aside.*Deliver it again"):
        find_inputs([], settings)
