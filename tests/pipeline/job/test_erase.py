"""`claims erase`: no byte of it stays in the home, it stays out, and after a kill anywhere the next run goes on."""

import shutil
import signal
import stat
from pathlib import Path

import pytest
from pyarrow import parquet

from pipeline.job import erase, runner
from pipeline.landing import inputs
from pipeline.landing.erase import count_records, transcripts_of
from pipeline.landing.folder import damaged, landed_deliveries, withdraw
from pipeline.landing.ingest import ingest
from pipeline.landing.sought import Sought
from pipeline.state import home, locks, tombstones
from review.store import Store
from tests.pipeline.job.planted import (
    BROKEN,
    GONE,
    KEPT,
    REPORTER,
    REPORTS,
    SOUGHT,
    VIDEOS,
    WORD,
    deliver,
    planted_home,
    settings_of,
    traces,
)
from tests.pipeline.landing.landing_cases import HEADER, record
from tests.pipeline.release import faults
from warehouse.errors import UsageError, WarehouseError
from warehouse.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home in which everything that an erasure has to find has landed, been decided and left traces."""
    monkeypatch.setattr(inputs, "RAW_FOLDER", tmp_path / "raw")
    (tmp_path / "raw").mkdir()
    return planted_home(tmp_path)


def begin(settings: Settings, *, is_raw_edited: bool = False) -> None:
    with locks.only_run(settings):
        erase.begin(settings, SOUGHT, "a request", is_raw_edited=is_raw_edited)


def test_no_byte_of_it_stays_and_nothing_is_lost(settings: Settings) -> None:
    assert traces(settings)[:3] == [WORD, str(GONE), REPORTER]
    assert count_records(settings, SOUGHT) == 4
    begin(settings)
    request = erase.carry_out(settings)
    erase.finish(settings, "none")
    assert traces(settings) == []
    assert request is not None
    assert request.removed["videos landed"] == 1
    assert request.removed["reports landed"] == 2
    assert request.removed["decisions landed"] == 1
    assert request.removed["rejected records"] == 1
    assert request.removed["decisions at the desk"] == 2
    assert damaged(settings, is_thorough=True) == []
    for delivery in landed_deliveries(settings):
        assert delivery.record_count == delivery.landed_count + delivery.rejected_count
        rows = parquet.read_table(next(settings.landing.glob(f"{delivery.number:05}-*/landed_{delivery.feed}.parquet")))
        assert rows.num_rows == delivery.landed_count - delivery.erased_count
    assert Store(settings.desk).decided([GONE, KEPT]) == {KEPT}
    assert not (settings.home / "erasing").exists()


def test_what_is_delivered_again_stays_out(settings: Settings, tmp_path: Path) -> None:
    begin(settings)
    erase.carry_out(settings)
    erase.finish(settings, "none")
    (same,) = ingest(settings, [tmp_path / "videos.csv"], is_synthetic=False)
    assert not same.is_new
    for name, lines, rejected in (
        ("again.csv", [*VIDEOS, record(5)], 1),
        ("broken.csv", [HEADER, record(6), BROKEN, record(7, id=f"  {GONE} "), f"{GONE};{WORD}"], 3),
        ("reports-2.csv", [*REPORTS, f"r9,{KEPT},never,spam,{REPORTER}"], 3),
    ):
        path = deliver(settings, tmp_path, name, lines)
        newest = landed_deliveries(settings)[-1]
        assert (newest.file_name, newest.rejected_count) == (path.name, rejected)
        (folder,) = settings.landing.glob(f"{newest.number:05}-*")
        rejects = parquet.read_table(folder / "landed_rejects.parquet").to_pylist()
        assert {(row["reject_reason"], row["raw_text"]) for row in rejects} == {("erased", None)}
    assert traces(settings) == []


def test_a_file_of_nothing_but_erased_records_lands_and_holds_nothing(settings: Settings, tmp_path: Path) -> None:
    begin(settings)
    erase.carry_out(settings)
    deliver(
        settings_of(settings.home).model_copy(update={"reject_limit_share": 0.0}),
        tmp_path,
        "one.csv",
        VIDEOS[:1] + VIDEOS[2:3],
    )
    newest = landed_deliveries(settings)[-1]
    assert (newest.landed_count, newest.rejected_count) == (0, 1)


def test_tombstones_tell_nothing_without_the_key(settings: Settings) -> None:
    begin(settings)
    erase.carry_out(settings)
    key, marks = settings.home / "erased.key", settings.home / "erased.json"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (key, marks)] == [0o600, 0o600]
    assert str(GONE) not in marks.read_text()
    found = tombstones.read(settings)
    assert found is not None
    assert found.hold("video_id", GONE)
    assert not found.hold("video_id", KEPT)
    assert not found._replace(key=b"another").hold("video_id", GONE)
    key.unlink()
    with pytest.raises(WarehouseError, match=r"erased\.key is missing"):
        tombstones.read(settings)


def test_files_in_data_raw_are_named_by_line_and_edited_when_told_to(settings: Settings, tmp_path: Path) -> None:
    wrapped = record(2, text='"one line\nand another"')
    raw = tmp_path / "raw" / "a.csv"
    raw.write_bytes("\r\n".join([HEADER, record(1), wrapped, record(3), ""]).encode())
    (tmp_path / "raw" / "b.parquet").write_bytes(b"PAR1 anything")
    begin(settings)
    request = erase.carry_out(settings)
    assert request is not None
    assert request.left == [
        "data/raw/a.csv: line 3, 4",
        "data/raw/b.parquet: no plain text; look through it and remove the records, or the file",
    ]
    assert str(GONE) in raw.read_text()
    begin(settings, is_raw_edited=True)
    request = erase.carry_out(settings)
    assert request is not None
    assert raw.read_bytes() == "\r\n".join([HEADER, record(1), record(3), ""]).encode()
    assert request.removed["lines of data/raw"] == 2


def test_a_withdrawn_delivery_that_was_erased_from_keeps_its_account(settings: Settings) -> None:
    begin(settings)
    erase.carry_out(settings)
    withdraw(settings, 1)
    (kept,) = landed_deliveries(settings, is_withdrawn=True)
    assert (kept.landed_count, kept.erased_count) == (3, 1)


def test_the_reason_names_nobody(settings: Settings) -> None:
    for reason in (f"video {GONE} asked for it", f"for {REPORTER}"):
        with pytest.raises(UsageError, match="name nothing"):
            erase.begin(settings, SOUGHT, reason, is_raw_edited=False)


def test_short_transcripts_are_anybodys(settings: Settings, tmp_path: Path) -> None:
    deliver(settings, tmp_path, "short.csv", [HEADER, record(2, text="yes")])
    assert "yes" in transcripts_of(settings, SOUGHT)
    begin(settings)
    request = erase.pending(settings)
    assert request is not None
    assert [text for text in request.sought.transcripts if len(text) < 20] == []


def _erase(settings: Settings) -> None:
    runner.run_steps(
        settings,
        [runner.Step("erase", lambda settings, _: _carried_out(settings))],
        lambda _: lambda _: None,
        lambda _: None,
    )


def _carried_out(settings: Settings) -> runner.Outcome:
    erase.begin(settings, SOUGHT, "a request", is_raw_edited=False)
    erase.carry_out(settings)
    return runner.Outcome(1, "; ".join(erase.finish(settings, "none")))


def _child(folder: Path, raw: Path, kind: faults.Kind, number: int) -> None:
    inputs.RAW_FOLDER = raw
    injector = faults.Injector(kind, number)
    injector.install()
    try:
        _erase(settings_of(folder))
    finally:
        (raw / "reached").write_text(str(injector.reached))


def attempt(settings: Settings, raw: Path, kind: faults.Kind, number: int) -> int | None:
    child = faults.CONTEXT.Process(target=_child, args=(settings.home, raw, kind, number))
    child.start()
    child.join()
    return child.exitcode


def check(settings: Settings, raw: Path, kind: faults.Kind, number: int) -> None:
    """Break an erasure at its Nth boundary; the next run goes on with it, and everything is as if undisturbed."""
    code = attempt(settings, raw, kind, number)
    assert code == -signal.SIGKILL if kind == "kill" else code is not None
    if not (settings.home / "erasing" / "request.json").exists() and traces(settings):
        _erase(settings)  # broken off before the request was written: nothing has begun
    runner.run_steps(settings, [], lambda _: lambda _: None, lambda _: None)
    erase.finish(settings, "none")
    runner.run_steps(settings, [], lambda _: lambda _: None, lambda _: None)
    assert traces(settings) == []
    assert damaged(settings, is_thorough=True) == []
    assert [(d.landed_count, d.erased_count) for d in landed_deliveries(settings)] == [(3, 1), (3, 2), (2, 1)]
    assert [path.name for path in settings.home.iterdir() if not home.is_known(path.name)] == []
    assert not (settings.home / "erasing").exists()


def boundaries(settings: Settings, raw: Path, tmp_path: Path) -> tuple[Path, int]:
    """A copy to break, and how many boundaries an undisturbed erasure reaches."""
    shutil.copytree(settings.home, tmp_path / "kept")
    assert attempt(settings, raw, "kill", 0) == 0
    assert traces(settings) == []
    return tmp_path / "kept", int((raw / "reached").read_text())


@pytest.mark.parametrize("position", [0.15, 0.45, 0.6, 0.85])
def test_killed_anywhere_the_next_run_goes_on(settings: Settings, tmp_path: Path, position: float) -> None:
    _, count = boundaries(settings, tmp_path / "raw", tmp_path)
    check(settings_of(tmp_path / "kept"), tmp_path / "raw", "kill", max(1, round(position * count)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["kill", "full disk"])
def test_every_boundary(settings: Settings, tmp_path: Path, kind: faults.Kind) -> None:
    kept, count = boundaries(settings, tmp_path / "raw", tmp_path)
    for number in range(1, count + 1):
        shutil.copytree(kept, tmp_path / f"copy-{number}")
        check(settings_of(tmp_path / f"copy-{number}"), tmp_path / "raw", kind, number)
        shutil.rmtree(tmp_path / f"copy-{number}")
    assert [path.name for path in (tmp_path / "raw").iterdir()] == ["reached"]


def test_a_short_id_is_looked_for_in_records_and_not_in_sentences() -> None:
    sought = Sought(video_ids=(12, 70_000_000))
    assert sought.is_in("x,12,y")
    assert not sought.in_prose().is_in("12 rows")
    assert sought.in_prose().is_in("video 70,000,000")
    assert sought.in_prose().without("12 rows of 70000000") == "12 rows of [erased]"
