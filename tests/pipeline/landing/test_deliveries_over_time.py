"""Deliveries over time: the newest stands, a blank never erases, and what is delivered twice changes nothing."""

from collections.abc import Sequence
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from pipeline.job import steps
from pipeline.job.changes import counted_deliveries, told_after_build
from pipeline.job.dbt_runner import run_dbt
from pipeline.job.runner import main_job
from pipeline.landing import inputs
from pipeline.landing.erase import erase_records
from pipeline.landing.folder import Delivery, landed_deliveries, remove, withdraw
from pipeline.landing.ingest import ingest
from pipeline.landing.inputs import find_inputs
from pipeline.landing.reading.options import Options
from pipeline.landing.sought import Sought
from review.store import Seen, Store
from tests.pipeline.landing.landing_cases import HEADER, landed_numbers, record
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.errors import UsageError
from warehouse.settings import ROOT, Settings

CASES = ROOT / "tests" / "pipeline" / "landing" / "cases"
JANUARY = [record(1), record(2, views="1500"), record(3, status="", text="")]
FEBRUARY = [
    record(1, views="2000", status=""),
    record(2, views="", likes="", shares="", downloads="", comments="", text=""),
    record(3, status="opinion", text="my view", likes=""),
    record(4, ban="banned"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Settings:
    """A home in which dbt has made its views once; they read whatever stands in the landing folder."""
    settings = Settings(home=tmp_path_factory.mktemp("time") / "var", lock_wait_sec=5, reject_limit_share=1.0)
    land(settings, tmp_path_factory.mktemp("first"), JANUARY)
    run_dbt(settings, "run", ["--select", "+int_videos_latest"])
    return settings


@pytest.fixture
def empty(home) -> Settings:
    remove(home, [*landed_deliveries(home), *landed_deliveries(home, is_withdrawn=True)])
    return home


def land(
    settings: Settings,
    folder: Path,
    rows: Sequence[str],
    day: date | None = None,
    *,
    header: str = HEADER,
    **options: Any,
) -> Delivery:
    path = folder / f"{len([*folder.iterdir()])}.csv"
    path.write_text("\n".join([header, *rows]))
    return ingest(settings, [path], is_synthetic=False, options=Options(as_of=day, **options))[0]


def latest(settings: Settings) -> list[dict[str, Any]]:
    """The current rows, without what tells where they came from."""
    with DuckDBEngine.open(settings, read_only=True) as engine:
        rows = engine.query("select * from intermediate.int_videos_latest order by video_id").to_pylist()
    return [{name: value for name, value in row.items() if not name.startswith("delivery_")} for row in rows]


def lineage(settings: Settings) -> list[tuple[int, ...]]:
    with DuckDBEngine.open(settings, read_only=True) as engine:
        columns = ", ".join(f"delivery_{group}_number" for group in ("label", "transcript", "account", "counts"))
        rows = engine.query(f"select {columns} from intermediate.int_videos_latest order by video_id")
    return [tuple(row.values()) for row in rows.to_pylist()]


def test_the_newest_stands_and_a_blank_never_erases(empty, tmp_path) -> None:
    land(empty, tmp_path, JANUARY)
    land(empty, tmp_path, FEBRUARY)
    rows = latest(empty)
    shown = [
        (row["claim_status"], row["video_view_count"], row["video_like_count"], row["author_ban_status"])
        for row in rows
    ]
    assert shown == [
        ("claim", 2000, 100, "active"),
        ("claim", 1500, 100, "active"),
        ("opinion", 1000, None, "active"),
        ("claim", 1000, 100, "banned"),
    ], "the third video's missing likes are of the same snapshot as its views"
    assert rows[1]["video_transcription_text"] == "someone said that number 2 is odd"
    assert lineage(empty) == [(1, 2, 2, 2), (2, 1, 2, 1), (2, 2, 2, 2), (2, 2, 2, 2)]


def test_blanks_erase_where_that_is_allowed(empty, tmp_path) -> None:
    land(empty, tmp_path, JANUARY)
    land(empty, tmp_path, FEBRUARY, is_blanking_allowed=True)
    assert [row["video_view_count"] for row in latest(empty)] == [2000, None, 1000, 1000]
    assert latest(empty)[0]["claim_status"] is None


def test_with_dates_every_order_of_landing_gives_equal_rows(empty, tmp_path_factory) -> None:
    snapshots = f"{HEADER},snapshot_at"
    deliveries = [
        (JANUARY, {"day": date(2026, 1, 31)}),
        (FEBRUARY, {"day": date(2026, 2, 28)}),
        ([record(1, views="7"), record(4, views="8", status="")], {"day": date(2026, 2, 28)}),
        ([f"{record(2, views='9')},2026-02-10T00:00:00Z", f"{record(5)},2026-04-01T00:00:00Z"], {"header": snapshots}),
    ]
    found = []
    for order in [*permutations(deliveries)][::4]:
        remove(empty, landed_deliveries(empty))
        folder = tmp_path_factory.mktemp("order")
        for rows, options in order:
            land(empty, folder, rows, **options)
        found.append(latest(empty))
    assert all(rows == found[0] for rows in found)
    assert found[0][1]["video_view_count"] == 9, "between two days"


def test_the_same_values_are_the_same_delivery_whatever_the_bytes(empty, tmp_path) -> None:
    first, second = land(empty, tmp_path, JANUARY), land(empty, tmp_path, FEBRUARY)
    path = tmp_path / "again.csv"
    cells = [line.split(",") for line in [HEADER, *reversed(JANUARY)]]
    path.write_bytes("\r\n".join(",".join(reversed(line)) for line in cells).encode("utf-16"))
    (again,) = ingest(empty, [path], is_synthetic=False)
    assert (again.number, again.is_new, again.repeated_by) == (first.number, False, "again.csv")
    assert [delivery.number for delivery in landed_deliveries(empty)] == [first.number, second.number]
    (dated,) = ingest(empty, [path], is_synthetic=False, options=Options(as_of=date(2026, 3, 1)))
    assert dated.is_new, "the same values at another time are news"
    assert not ingest(empty, [path], is_synthetic=False)[0].is_new


def test_the_cases_do_not_revert_or_erase(empty, tmp_path) -> None:
    folder = CASES / "deliveries"
    for name in ("2026-01.csv", "2026-02.csv", "2026-00-late.csv", "2026-01-crlf.csv"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    settings = empty.model_copy(update={"date_pattern": "%Y-%m.csv"})
    for name in ("2026-01.csv", "2026-02.csv"):
        assert ingest(settings, [tmp_path / name], is_synthetic=False)[0].as_of == f"{name[:7]}-01"
    before = latest(settings)
    late = Options(as_of=date(2025, 12, 1))
    assert ingest(settings, [tmp_path / "2026-00-late.csv"], is_synthetic=False, options=late)[0].is_new
    crlf = Options(as_of=date(2026, 1, 1))
    assert not ingest(settings, [tmp_path / "2026-01-crlf.csv"], is_synthetic=False, options=crlf)[0].is_new
    known = {row["video_id"] for row in before}
    assert [row for row in latest(settings) if row["video_id"] in known] == before


def test_a_withdrawn_delivery_leaves_and_stays_out(empty, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(inputs, "RAW_FOLDER", tmp_path)
    land(empty, tmp_path, JANUARY)
    before = latest(empty)
    bad = land(empty, tmp_path, FEBRUARY)
    withdraw(empty, bad.number)
    assert latest(empty) == before, "what it superseded is current again"
    found = find_inputs([], empty)
    assert [path.name for path in found.files] == ["0.csv"]
    assert "1.csv, withdrawn as delivery 2" in " ".join(found.passed_over)
    with pytest.raises(UsageError, match="no delivery 2"):
        withdraw(empty, bad.number)
    (named,) = ingest(empty, [tmp_path / "1.csv"], is_synthetic=False)
    assert (named.is_new, named.number) == (True, 3), "naming it lands it again"
    assert landed_deliveries(empty, is_withdrawn=True) == []


def test_a_dropped_file_that_is_gone_or_edited_is_said(empty, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(inputs, "RAW_FOLDER", tmp_path)
    land(empty, tmp_path, JANUARY)
    land(empty, tmp_path, FEBRUARY)
    assert find_inputs([], empty).passed_over == ()
    (tmp_path / "0.csv").unlink()
    (tmp_path / "1.csv").write_text("\n".join([HEADER, *FEBRUARY[:3]]))
    said = " ".join(find_inputs([], empty).passed_over)
    assert "data/raw/0.csv is gone" in said
    assert "data/raw/1.csv was edited since it landed as delivery 2" in said


def test_withdrawn_decisions_of_the_desk_do_not_land_by_themselves_again(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(inputs, "RAW_FOLDER", tmp_path / "raw")
    settings = Settings(home=tmp_path / "var", lock_wait_sec=5, reject_limit_share=1.0)
    land(settings, tmp_path, JANUARY)
    Store(settings.desk).decide("anna", [7_000_000_001], "claim", Seen())
    steps.ingest(settings, [], lambda _: None)
    assert landed_numbers(settings)[1:] == [(2, "decisions-000001.csv")]
    withdraw(settings, 2)
    steps.ingest(settings, [], lambda _: None)
    assert landed_numbers(settings)[1:] == []
    Store(settings.desk).decide("anna", [7_000_000_002], "opinion", Seen())
    steps.ingest(settings, [], lambda _: None)
    assert landed_numbers(settings)[1:] == [(3, "decisions-000002.csv")]


def test_what_is_erased_is_counted_and_the_law_holds(empty, tmp_path) -> None:
    land(empty, tmp_path, JANUARY)
    land(empty, tmp_path, FEBRUARY)
    erase_records(empty, Sought(video_ids=(7_000_000_001,)))
    run_dbt(empty, "run", ["--select", "+reconciliation"])
    with DuckDBEngine.open(empty, read_only=True) as engine:
        accounts = engine.query(
            "select landed_count, current_count, superseded_count, erased_count, is_reconciled "
            "from quality.reconciliation order by delivery_number"
        )
    assert [tuple(row.values()) for row in accounts.to_pylist()] == [(3, 0, 2, 1, True), (4, 3, 0, 1, True)]


def test_what_each_delivery_changes_is_counted(empty, tmp_path, monkeypatch) -> None:
    assert counted_deliveries(empty) == frozenset()
    land(empty, tmp_path, JANUARY)
    run_dbt(empty, "run", ["--select", "+delivery_changes"])
    counted = counted_deliveries(empty)
    land(empty, tmp_path, FEBRUARY)
    land(empty, tmp_path, [record(1, views="1000"), record(2, views="1500"), record(5)])
    withdraw(empty, land(empty, tmp_path, [record(6)]).number)
    run_dbt(empty, "run", ["--select", "+reconciliation", "+delivery_changes"])
    with DuckDBEngine.open(empty, read_only=True) as engine:
        changes = engine.query("select * exclude (delivery_file_name) from quality.delivery_changes order by 1")
        accounts = engine.query(
            "select landed_count, current_count, superseded_count, withdrawn_count, is_reconciled "
            "from quality.reconciliation order by delivery_number"
        )
    assert told_after_build(empty, counted) == [
        "1.csv: 1 new, 2 changed, 1 unchanged, 1 labelled for the first time, 2 with older values kept against a blank",
        "2.csv: 1 new, 1 changed, 1 unchanged, 1 gone back to an earlier value, 1 with a falling count",
    ]
    monkeypatch.setattr("pipeline.job.changes._TOLD_ONE_BY_ONE", 2)
    assert told_after_build(empty, set()) == [
        (
            "3 deliveries of videos: 5 new, 3 changed, 2 unchanged, 1 labelled for the first time, "
            "2 with older values kept against a blank, 1 gone back to an earlier value, 1 with a falling count"
        )
    ]
    assert told_after_build(empty, {1, 2, 3}) == []
    names = ("number", "new", "changed", "unchanged", "label_set", "kept", "reverted", "falling")
    assert [dict(zip(names, row.values(), strict=True)) for row in changes.to_pylist()] == [
        {"number": 1, "new": 3, "changed": 0, "unchanged": 0, "label_set": 0, "kept": 0, "reverted": 0, "falling": 0},
        {"number": 2, "new": 1, "changed": 2, "unchanged": 1, "label_set": 1, "kept": 2, "reverted": 0, "falling": 0},
        {"number": 3, "new": 1, "changed": 1, "unchanged": 1, "label_set": 0, "kept": 0, "reverted": 1, "falling": 1},
    ]
    assert [tuple(row.values()) for row in accounts.to_pylist()] == [
        (3, 0, 3, 0, True),
        (4, 2, 2, 0, True),
        (3, 3, 0, 0, True),
        (0, 0, 0, 1, True),
    ]


def test_ingest_says_what_a_delivery_changes_and_leaves_the_working_warehouse_alone(tmp_path) -> None:
    settings = Settings(home=tmp_path / "var", lock_wait_sec=5)
    said = []
    for number, rows in enumerate((JANUARY, FEBRUARY)):
        (tmp_path / f"{number}.csv").write_text("\n".join([HEADER, *rows]))
        progress: list[str] = []
        outcome = steps.ingest(settings, [tmp_path / f"{number}.csv"], progress.append, is_read_next=False)
        said.append((outcome.detail, "counting what changes" in progress))
    assert "changed" not in said[0][0], "with one delivery there is nothing to count"
    assert said[1][0].endswith(
        "1.csv: 1 new, 2 changed, 1 unchanged, 1 labelled for the first time, 2 with older values kept against a blank"
    )
    assert not settings.warehouse_file.exists()
    assert [*settings.work.iterdir()] == []


def test_the_main_job_lands_as_the_person_says(tmp_path) -> None:
    settings = Settings(home=tmp_path / "var", lock_wait_sec=5)
    (tmp_path / "a.csv").write_text("\n".join([HEADER, *JANUARY]))
    options = Options(as_of=date(2026, 1, 31), is_blanking_allowed=True)
    main_job([tmp_path / "a.csv"], options)[0].action(settings, lambda _: None)
    (delivery,) = landed_deliveries(settings)
    assert (delivery.as_of, delivery.is_blanking_allowed) == ("2026-01-31", True)


def test_several_snapshots_of_a_video_in_one_file_are_its_history(empty, tmp_path) -> None:
    header = f"{HEADER},snapshot_at"
    history = [
        f"{record(1, views='3000')},2026-03-01T00:00:00Z",
        f"{record(1, views='1000')},2026-01-01T00:00:00Z",
        f"{record(2, views='')},2026-02-01T00:00:00Z",
        f"{record(1, views='2000', status='')},2026-02-01T00:00:00Z",
        f"{record(1, views='7')},2026-03-01T00:00:00Z",
    ]
    delivery = land(empty, tmp_path, history, header=header)
    assert (delivery.landed_count, delivery.rejected_count) == (4, 1), "the same time twice is the same record"
    assert [(row["video_view_count"], row["claim_status"]) for row in latest(empty)] == [
        (3000, "claim"),
        (None, "claim"),
    ]
    land(empty, tmp_path, [f"{record(1, views='1500')},2026-01-15T00:00:00Z"], header=header)
    assert latest(empty)[0]["video_view_count"] == 3000
    run_dbt(empty, "run", ["--select", "+reconciliation", "+delivery_changes"])
    with DuckDBEngine.open(empty, read_only=True) as engine:
        accounts = engine.query(
            "select landed_count, current_count, superseded_count, is_reconciled from quality.reconciliation order by "
            "delivery_number"
        )
        changes = engine.query("select new_count, changed_count from quality.delivery_changes order by delivery_number")
    assert [tuple(row.values()) for row in accounts.to_pylist()] == [(4, 2, 2, True), (1, 0, 1, True)]
    assert [tuple(row.values()) for row in changes.to_pylist()] == [(2, 2), (0, 1)]
