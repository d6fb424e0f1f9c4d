"""Releases: published by one switch, verified, rolled back, retired."""

import json
import os
import re
import shutil
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.release import switch
from pipeline.release.build import stage_release
from pipeline.release.manifest import contents_of, read_any_manifest, table_checksums, write_manifest
from pipeline.state import durable
from tests.pipeline.release import faults
from warehouse import contract
from warehouse.duckdb_engine import connect_file, connect_release
from warehouse.errors import DataError, UsageError, WarehouseError
from warehouse.factory import open_engine
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def prepared(built_warehouse: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two releases; tests that change one put it back or publish anew."""
    return faults.prepare(built_warehouse, tmp_path_factory.mktemp("releases") / "var")


@pytest.fixture
def own(prepared: Settings, tmp_path: Path) -> Settings:
    """A copy to damage."""
    shutil.copytree(prepared.home, tmp_path / "var", symlinks=True)
    return faults.settings_of(tmp_path / "var")


@pytest.fixture
def current(prepared: Settings) -> Path:
    switch.switch(prepared, switch.list_releases(prepared)[0])
    return prepared.current.resolve()


def test_a_release_is_complete_and_read_only(current: Path) -> None:
    assert {path.name for path in current.iterdir()} == {
        "claims.duckdb", "manifest.json", "models", "parquet", "report",
    }  # fmt: skip
    for path in [current, *current.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o555 if path.is_dir() else 0o444)
    marts = {name for name, table in contract.public_tables().items() if table.schema == "marts"}
    assert {path.stem for path in (current / "parquet").iterdir()} == marts


def test_the_manifest_tells_where_a_release_comes_from(current: Path, prepared: Settings) -> None:
    manifest = json.loads((current / "manifest.json").read_text())
    assert manifest["tables"].keys() == contract.public_tables().keys() - {"run_ledger"}
    assert manifest["files"].keys() == {
        path.relative_to(current).as_posix() for path in current.rglob("*") if path.is_file()
    } - {"manifest.json"}
    deliveries = [delivery["sha256"] for feed in manifest["deliveries"].values() for delivery in feed]
    assert sorted(deliveries) == sorted(faults.observe(prepared).landed)
    assert manifest["storage_version"] == "v1.4.0"
    assert manifest["audits"].keys() == {"incoming", "outgoing"}
    assert re.fullmatch("[0-9a-f]{12}", manifest["run_id"])
    assert manifest["versions"]["duckdb"] == duckdb.__version__


def test_views_hold_under_any_alias_and_comments_travel(current: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{current / 'claims.duckdb'}' as anything (read_only)")
        ((count,),) = connection.execute("select count(*) from anything.ml.video_features").fetchall()
        assert count > 0
        comments = dict(
            connection.execute(
                "select table_name, comment from duckdb_tables() "
                "union all select view_name, comment from duckdb_views() where not internal"
            ).fetchall()
        )
        for name, table in contract.public_tables().items():
            assert comments[name] == table.description
        schemas = connection.execute(
            "select distinct table_schema from information_schema.tables where table_catalog = 'anything'"
        ).fetchall()
    assert {schema for (schema,) in schemas} == {"marts", "ml", "quality"}


def test_a_release_of_older_storage(current: Path) -> None:
    with duckdb.connect(str(current / "claims.duckdb"), read_only=True) as connection:
        tags = connection.execute("select tags from duckdb_databases() where not internal").fetchall()
    assert "v1.4.0" in str(tags)


@pytest.mark.parametrize(
    "kind", ["a byte of Parquet", "a row", "a missing file", "a file too many", "a broken table file"]
)
def test_verify_finds(kind: str, own: Settings) -> None:
    settings = own
    release = settings.current.resolve()
    assert switch.verify(settings, None).release_id == release.name
    for path in [release, *release.rglob("*")]:
        path.chmod(0o755)
    report = release / "report" / "index.html"
    if kind == "a byte of Parquet":
        path = release / "parquet" / "fct_videos.parquet"
        path.write_bytes(path.read_bytes()[:-9] + b"x" + path.read_bytes()[-8:])
    elif kind == "a row":
        with duckdb.connect(str(release / "claims.duckdb")) as connection:
            connection.execute("delete from ml.statistical_results where result_number = 1")
        _, files = contents_of(release)
        rewrite(release, files=files)  # so that only the table tells
    elif kind == "a missing file":
        report.unlink()
    elif kind == "a file too many":
        report.with_name("extra.html").touch()
    else:
        (release / "claims.duckdb").write_bytes(b"none")
    with pytest.raises(DataError, match=r"its manifest says .*claims rollback"):
        switch.verify(settings, None)
    # Such a release cannot become current again.
    newest, oldest = switch.list_releases(settings)
    switch.switch(settings, oldest)
    with pytest.raises(DataError):
        switch.rollback(settings, newest)
    assert switch.current_release(settings) == oldest


def rewrite(release: Path, **changes: object) -> None:
    """Change a manifest as somebody would who knows about its hash."""
    manifest, _ = read_any_manifest(release)
    (release / "manifest.json").chmod(0o644)
    write_manifest(release, manifest.model_copy(update=changes))
    (release / "manifest.json").chmod(0o444)


def edit(release: Path, name: str, change: Callable[[Any], Any]) -> None:
    """Change one entry of a manifest as an editor would."""
    path = release / "manifest.json"
    path.chmod(0o644)
    document = json.loads(path.read_text())
    document[name] = change(document[name])
    path.write_text(json.dumps(document))
    path.chmod(0o444)


EDITS: dict[str, tuple[Callable[[Path], object], str]] = {
    "an empty folder": (lambda release: (release / "report" / "more").mkdir(), 'report/more is mode "0755", its mani'),
    "a folder that is a link": (
        lambda release: (
            (release / "models").rename(release.parent.parent / "models-elsewhere"),
            (release / "models").symlink_to(release.parent.parent / "models-elsewhere"),
        ),
        "models is absent, its manifest says mode",
    ),
    "the mode of a file": (
        lambda release: (release / "report" / "index.html").chmod(0o644),
        'report/index.html is mode "0644", its manifest says mode "0444"',
    ),
    "the mode of a folder": (lambda release: (release / "report").chmod(0o777), 'report is mode "0777"'),
    "the mode of the release": (lambda release: None, '. is mode "0755", its manifest says mode "0555"'),
    "an edited code version": (
        lambda release: edit(release, "code_version", lambda _: "9.9"),
        "manifest.json was changed after it was written",
    ),
    "an edited origin": (
        lambda release: edit(
            release, "deliveries", lambda feeds: {"videos": [row | {"is_synthetic": False} for row in feeds["videos"]]}
        ),
        "manifest.json was changed after it was written; ",
    ),
    "an origin edited with its hash": (
        lambda release: rewrite(release, deliveries={"videos": []}),
        'deliveries of videos is [{"delivery_number": 1',
    ),
    "audit counts edited with their hash": (
        lambda release: rewrite(release, audits={"incoming": {"checked_count": 1}, "outgoing": {"checked_count": 1}}),
        "audit of incoming is checked_count ",
    ),
}


@pytest.mark.parametrize("kind", EDITS)
def test_verify_names(kind: str, own: Settings) -> None:
    release = own.current.resolve()
    change, says = EDITS[kind]
    for path in [release, release / "report"]:
        path.chmod(0o755)
    change(release)
    if kind != "the mode of a folder":
        (release / "report").chmod(0o555)
    if kind != "the mode of the release":
        release.chmod(0o555)
    with pytest.raises(DataError, match=re.escape(says)):
        switch.verify(own, None)


def test_verify_names_a_renamed_release(own: Settings) -> None:
    newest, oldest = switch.list_releases(own)
    durable.remove(own.releases / oldest)
    (own.releases / newest).rename(own.releases / oldest)
    with pytest.raises(DataError, match=f"{oldest}: it was published as {newest}"):
        switch.verify(own, oldest)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "cannot be read"),
        ("[]", "holds no manifest but a list"),
        ("{}", "is of format 0, this version reads 1"),
        ('{"format_version": 1, "release_id": []}', "is unreadable: release_id"),
    ],
)
def test_an_unreadable_manifest_is_explained(content: str, says: str, own: Settings) -> None:
    manifest = own.current.resolve() / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text(content)
    with pytest.raises(WarehouseError, match=f"{says}.*claims rollback"):
        switch.verify(own, None)


def test_a_clock_set_back_keeps_the_order(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = own.current.resolve().name
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    faults.run(own, [faults.PUBLISH])
    published = own.current.resolve().name
    assert "19700102T000000Z" in published
    assert switch.list_releases(own) == [published, before]
    assert switch.verify(own, None).staged_at.timestamp() == 86400
    assert switch.rollback(own, None) == before


def test_rollback_goes_back_and_forth(prepared: Settings, current: Path) -> None:
    newest, oldest = switch.list_releases(prepared)[:2]
    assert switch.rollback(prepared, None) == oldest
    assert prepared.current.resolve().name == oldest
    with pytest.raises(UsageError, match="no release before"):
        switch.rollback(prepared, None)
    assert switch.rollback(prepared, newest) == newest
    with pytest.raises(UsageError, match="claims releases"):
        switch.rollback(prepared, "../../etc")


def test_the_oldest_leave_and_the_current_stays(prepared: Settings, current: Path) -> None:
    for number in range(3):
        faults.change_results(prepared, 10 + number)
        faults.run(prepared, [faults.PUBLISH])
        kept = switch.list_releases(prepared)
        assert len(kept) == prepared.releases_kept == 2
        assert prepared.current.resolve().name == kept[0]
    assert list(prepared.work.iterdir()) == []


def test_who_has_a_removed_release_open_reads_on(prepared: Settings, current: Path) -> None:
    with connect_release(current, prepared) as connection:
        before = connection.execute("select sum(hash(video)) from marts.fct_videos as video").fetchall()
        switch.retire(prepared, current)
        assert connection.execute("select sum(hash(video)) from marts.fct_videos as video").fetchall() == before
    faults.run(prepared, [faults.PUBLISH])


def test_what_an_audit_refuses_is_not_staged(prepared: Settings) -> None:
    with open_engine(prepared) as engine:
        kept = engine.query("select * from quality.audit_results").to_pylist()
    for rows, sentence in (
        ([row | {"is_successful": row["severity"] != "critical"} for row in kept], "critical failures"),
        ([row for row in kept if row["boundary"] == "incoming"], "both boundaries"),
    ):
        with open_engine(prepared) as engine:
            engine.write(contract.from_rows(rows, "audit_results"), "audit_results")
        with pytest.raises(DataError, match=sentence):
            stage_release(prepared, [])
    with open_engine(prepared) as engine:
        engine.write(contract.from_rows(kept, "audit_results"), "audit_results")
    stage_release(prepared, [])


def test_a_missing_public_table_stops_publishing(own: Settings) -> None:
    with connect_file(own.warehouse_file, own) as connection:
        connection.execute("drop table marts.agg_column_profile")
    with pytest.raises(DataError, match=r"lacks marts.agg_column_profile. Run"):
        stage_release(own, [])


@pytest.mark.parametrize(
    "statement",
    [
        "copy (select 1) to '{folder}/x.csv'",
        "select * from read_csv('/etc/hostname')",
        "attach '{folder}/x.duckdb'",
        "install httpfs",
        "load httpfs",
        "set memory_limit = '1TB'",
        "set enable_external_access = true",
        "create table marts.extra as select 1",
    ],
)
def test_a_reader_reaches_nothing_else(statement: str, current: Path, prepared: Settings, tmp_path: Path) -> None:
    with connect_release(current, prepared) as connection, pytest.raises(duckdb.Error):
        connection.execute(statement.format(folder=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_reader_may_be_given_one_folder(current: Path, prepared: Settings, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with connect_release(current, prepared, writable_folders=[tmp_path / "out"]) as connection:
        connection.execute(f"copy (select 1) to '{tmp_path}/out/x.csv'")
        with pytest.raises(duckdb.PermissionException):
            connection.execute(f"copy (select 1) to '{tmp_path}/x.csv'")
    assert (tmp_path / "out" / "x.csv").exists()


def test_the_file_mode_refuses_a_writer(current: Path) -> None:
    if os.access(current / "claims.duckdb", os.W_OK):
        pytest.skip("the superuser may write to every file")
    with pytest.raises(duckdb.Error):
        duckdb.connect(str(current / "claims.duckdb"))


def test_checksums_ignore_order_and_see_a_changed_cell() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        found = []
        for rows in ("(1, 'a'), (2, null)", "(2, null), (1, 'a')", "(1, 'a'), (2, 'b')", "(1, 'a'), (1, 'a')"):
            connection.execute(f"create or replace table marts.sample as select * from (values {rows}) as rows (x, y)")
            found.append(table_checksums(connection)["sample"]["checksum"])
    assert found[0] == found[1]
    assert len(set(found)) == 3


def test_hostile_names_in_a_folder_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s; drop table "x" \n'
    (folder / "-rf *").mkdir(parents=True)
    (folder / "-rf *" / "$(touch x)").touch()
    (folder / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "kept").touch()
    durable.make_read_only(folder)
    durable.remove(folder)
    assert not folder.exists()
    assert (tmp_path / "outside" / "kept").exists()


def test_releases_leave_by_age_too_and_the_current_never(own: Settings) -> None:
    newest, older = switch.list_releases(own)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    aged = own.model_copy(update={"releases_kept_days": 30})
    ids = ["000003-20260220T000000Z-a", "000002-20260129T000000Z-b", "20260101T000000Z-c", "of-no-time"]
    assert switch.expired(own, ids, now) == []
    assert switch.expired(aged, ids, now) == ids[1:3]
    renamed = own.releases / re.sub(r"\d{8}T", "20200101T", older)
    (own.releases / older).chmod(0o755)
    (own.releases / older).rename(renamed)
    document = json.loads((renamed / "manifest.json").read_text())
    (renamed / "manifest.json").chmod(0o644)
    (renamed / "manifest.json").write_text(json.dumps(document | {"release_id": renamed.name}))
    assert switch.list_releases(aged) == [newest, renamed.name]
    faults.run(aged.model_copy(update={"releases_kept": 5}), [faults.PUBLISH])
    assert renamed.name not in switch.list_releases(aged)
    assert newest in switch.list_releases(aged)
