"""Reports and decisions land through the same code as videos."""

from datetime import UTC, datetime

import pytest

from pipeline.job.dbt_runner import run_dbt
from pipeline.landing.ingest import ingest
from tests.pipeline.landing.landing_cases import file_of, load_bytes, record
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.errors import DataError, UsageError, WarehouseError
from warehouse.settings import Settings, load_settings

ALL = {"reject_limit_share": 1.0}
REPORTS = "report_id,video_id,reported_item,comment_id,reported_at,report_reason,reporter_id"
DECISIONS = "decision_id,video_id,decided_at,decision,reviewer_id,review_sec,lane,selection_probability,release_id"
MORNING = datetime(2026, 3, 1, 9, 30, tzinfo=UTC).replace(tzinfo=None)


def reports(*lines: str, header: str = REPORTS) -> bytes:
    return "\r\n".join([header, *lines]).encode()


def times(folder, *cells: str, **limits) -> tuple[list[datetime], list[str]]:
    """What lands as `reported_at`, and the reasons of what does not."""
    lines = [f'r{number},7000000001,video,,"{cell}",spam,p1' for number, cell in enumerate(cells)]
    outcome = load_bytes(reports(*lines), folder, **{**ALL, **limits})
    return [row["reported_at"] for row in outcome.rows], [reject["reject_reason"] for reject in outcome.rejects]


def test_a_report_lands_typed_and_in_utc(tmp_path) -> None:
    plain = "r1,7000000001,comment,c9,2026-03-01T09:30:00Z,hate speech,p1"
    outcome = load_bytes(reports(plain), tmp_path)
    assert outcome.loaded.feed == "reports"
    assert outcome.loaded.repairs == ()
    assert outcome.rows == [
        {
            "delivery_number": 1,
            "delivery_row_number": 1,
            "delivery_file_name": "delivery.csv",
            "report_id": "r1",
            "video_id": 7000000001,
            "reported_item": "comment",
            "comment_id": "c9",
            "reported_at": MORNING,
            "report_reason": "hate speech",
            "reporter_id": "p1",
        }
    ]


@pytest.mark.parametrize(
    "content",
    [
        "video_id;Report ID;reported at;report reason\n7000000001; r1 ;2026-03-01 10:30:00+01:00;spam",
        "\ufeffreport_reason\treported_at\treport_id\tvideo_id\nspam\t2026-03-01T09:30Z\tr1\t7000000001.0\n",
    ],
)
def test_the_same_dialects_and_repairs_hold(tmp_path, content) -> None:
    outcome = load_bytes(content.encode(), tmp_path)
    (row,) = outcome.rows
    assert (row["report_id"], row["video_id"], row["reported_at"]) == ("r1", 7000000001, MORNING)
    assert (row["report_reason"], row["reported_item"], row["reporter_id"]) == ("spam", None, None)


def test_a_decision_lands(tmp_path) -> None:
    lines = ["d1,7000000001,2026-03-01T09:30:00Z,claim,anna,40,audit,0.05,", "d2,7,2026-03-01T09:30:00Z,Skip,ben,,,,"]
    outcome = load_bytes("\n".join([DECISIONS, *lines]).encode(), tmp_path)
    assert [(row["decision"], row["lane"], row["selection_probability"]) for row in outcome.rows] == [
        ("claim", "audit", 0.05),
        ("skipped", None, None),
    ]


def test_each_bad_report_is_rejected_and_the_rest_lands(tmp_path) -> None:
    bad = [
        ("missing_value", "report_id", ",7,video,,2026-03-01T09:30:00Z,spam,p"),
        ("missing_value", "reported_at", "r,7,video,,,spam,p"),
        ("not_a_timestamp", "reported_at", "r,7,video,,yesterday,spam,p"),
        ("not_a_timestamp", "reported_at", "r,7,video,,2026-02-29T09:30:00Z,spam,p"),
        ("not_a_timestamp", "reported_at", "r,7,video,,03/01/2026 09:30,spam,p"),
        ("not_a_timestamp", "reported_at", "r,7,video,,1026-03-01T09:30:00Z,spam,p"),
        ("no_time_zone", "reported_at", "r,7,video,,2026-03-01T09:30:00,spam,p"),
        ("unknown_category", "reported_item", "r,7,account,,2026-03-01T09:30:00Z,spam,p"),
        ("duplicate_key", "report_id", "r1,7,video,,2026-03-01T09:30:00Z,spam,p"),
        ("too_few_fields", None, "r,7,video"),
    ]
    good = "r1,7000000001,video,,2026-03-01T09:30:00Z,spam,p1"
    outcome = load_bytes(reports(good, *(line for _, _, line in bad)), tmp_path, **ALL)
    assert [row["report_id"] for row in outcome.rows] == ["r1"]
    assert [
        (reject["reject_reason"], reject["rejected_column"], reject["raw_text"]) for reject in outcome.rejects
    ] == bad


def test_a_time_with_an_offset_has_one_reading(tmp_path) -> None:
    spellings = {
        "2026-03-01T09:30:00Z": MORNING,
        "2026-03-01t09:30z": MORNING,
        "2026-03-01 04:00:00.0-0530": MORNING,
        "2026-03-01T23:30:00+14": MORNING,
        "2026-03-01T09:30:00,25Z": MORNING.replace(microsecond=250_000),
        "2026-03-01T09:30:00 +00:00": MORNING,
    }
    for zone in (None, "Asia/Tokyo"):
        assert times(tmp_path, *spellings, timezone=zone) == ([*spellings.values()], []), "the offset wins"


def test_a_time_without_an_offset_needs_a_zone(tmp_path) -> None:
    cells = ("2026-03-01 10:30", "2026-07-01T10:30:00", "2026-03-01")
    landed = [MORNING, MORNING.replace(month=7, hour=8), MORNING.replace(month=2, day=28, hour=23, minute=0)]
    assert times(tmp_path, *cells, timezone="Europe/Berlin") == (landed, [])
    twice, never = "2026-10-25 02:30:00", "2026-03-29 02:30:00"
    assert times(tmp_path, cells[0], twice, never, timezone="Europe/Berlin") == ([MORNING], ["ambiguous_time"] * 2)
    with pytest.raises(DataError, match="--timezone"):
        load_bytes(reports("r1,7,video,,2026-03-01 10:30,spam,p"), tmp_path)
    with pytest.raises(UsageError, match=r"CLAIMS_TIMEZONE.*no time zone"):
        load_settings(timezone="Berlin")


def test_a_feed_without_a_column_is_refused_by_its_own_name(tmp_path) -> None:
    with pytest.raises(DataError, match=r"lacks the column report_reason;.* all columns of reports"):
        load_bytes(reports("r1,7,2026-03-01T09:30:00Z", header="report_id,video_id,reported_at"), tmp_path)


@pytest.mark.parametrize("feed", contract.feeds())
def test_what_landing_reads_is_what_staging_has(feed) -> None:
    declared = contract.feeds()[feed]
    staged = {column.name: column.data_type for column in contract.columns(f"stg_tiktok__{feed}")}
    assert staged == {column.name: column.data_type for column in contract.columns(declared.table)}
    assert declared.column(declared.key).is_required
    for column in declared.columns:
        bounded = column.data_type != "string"
        assert (column.minimum is not None, column.maximum is not None) == (bounded, bounded), column.name


def test_numbers_lie_within_their_declared_bounds(tmp_path) -> None:
    cells = {"delivery_row_label": "label", "video_id": "id", "video_duration_sec": "duration"}
    columns = [column for column in contract.feeds()["videos"].columns if column.data_type == "bigint"]
    named = [(column, cells.get(column.name) or column.name.split("_")[1] + "s") for column in columns]
    largest = record(2, **{cell: str(column.maximum) for column, cell in named})
    beyond = [record(3 + place, **{cell: str(column.maximum + 1)}) for place, (column, cell) in enumerate(named)]
    outcome = load_bytes(file_of(largest, *beyond), tmp_path, **ALL)
    assert [outcome.rows[1][column.name] for column in columns] == [column.maximum for column in columns]
    assert [(reject["reject_reason"], reject["rejected_column"]) for reject in outcome.rejects] == [
        ("number_too_large", column.name) for column in columns if column.name != "delivery_row_label"
    ], "the running number is worth no record"


def test_three_feeds_from_delivery_to_tables(tmp_path) -> None:
    settings = Settings(home=tmp_path / "var", reject_limit_share=1.0)
    files = {
        "videos.csv": file_of(),
        "reports.csv": reports(
            "r1,7000000001,,,2026-03-01T09:30:00Z,spam,p1",
            "r2,7,video,,2026-03-01T09:31:00Z,spam,p2",
            "r3,7,video,,soon,spam,p2",
        ),
        "reports-later.csv": reports("r1,7000000001,comment,c1,2026-03-01T09:30:00Z,spam,p1"),
        "decisions.csv": f"{DECISIONS}\nd1,7000000001,2026-03-01T10:00:00Z,claim,anna,40,,,".encode(),
    }
    paths = []
    for name, content in files.items():
        paths.append(tmp_path / name)
        paths[-1].write_bytes(content)
    ingest(settings, paths[1:2], is_synthetic=False)
    with pytest.raises(WarehouseError, match="No videos have landed"):
        run_dbt(settings, "run", ["--select", "+reconciliation"])
    deliveries = ingest(settings, [paths[0], paths[2], paths[3]], is_synthetic=False)
    assert [delivery.feed for delivery in deliveries] == ["decisions", "reports", "videos"]
    run_dbt(settings, "run", ["--select", "+reconciliation", "rejected_rows"])
    with DuckDBEngine.open(settings, read_only=True) as engine:
        counts = ("record", "landed", "rejected", "current", "superseded", "waiting")
        listed = ", ".join(f"{count}_count" for count in counts)
        accounts = engine.query(
            f"select feed, {listed}, is_reconciled from quality.reconciliation order by delivery_number"
        )
        latest = engine.query("select report_id, reported_item from intermediate.int_reports_latest order by report_id")
        rejected = engine.query("select raw_text from quality.rejected_rows")
    assert [tuple(row.values()) for row in accounts.to_pylist()] == [
        ("reports", 3, 2, 1, 1, 1, 1, True),
        ("decisions", 1, 1, 0, 1, 0, 0, True),
        ("reports", 1, 1, 0, 1, 0, 0, True),
        ("videos", 3, 3, 0, 3, 0, 0, True),
    ]
    assert [tuple(row.values()) for row in latest.to_pylist()] == [("r1", "comment"), ("r2", "video")]
    assert rejected.to_pylist() == [{"raw_text": "r3,7,video,,soon,spam,p2"}]
