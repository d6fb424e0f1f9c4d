"""Real data are never replaced by less of them, or by the synthetic twin."""

import json
from pathlib import Path

import pytest

from pipeline.job import steps
from pipeline.landing.folder import landed_deliveries, remove, withdraw
from pipeline.landing.ingest import ingest
from pipeline.landing.synthetic import write_synthetic
from pipeline.release import switch
from pipeline.release.succession import require_successor
from tests.pipeline.landing.landing_cases import file_of, record
from warehouse.errors import WarehouseError
from warehouse.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Two real deliveries, and a release of them."""
    monkeypatch.setattr("pipeline.landing.inputs.RAW_FOLDER", tmp_path / "raw")
    settings = Settings(home=tmp_path / "var", synthetic_rows=300)
    for number, name in enumerate(("a.csv", "b.csv"), start=2):
        (tmp_path / name).write_bytes(file_of(record(number)))
        ingest(settings, [tmp_path / name], is_synthetic=False)
    publish(settings, "20260101T000000Z-real", by_feed=True)
    return settings


def publish(settings: Settings, name: str, *, by_feed: bool) -> None:
    """A release in name only: what follows it is judged by its manifest."""
    deliveries = [
        {"file_name": delivery.file_name, "sha256": delivery.hash, "is_synthetic": delivery.is_synthetic}
        for delivery in landed_deliveries(settings)
    ]
    (settings.releases / name).mkdir()
    document = {"release_id": name, "deliveries": {"videos": deliveries} if by_feed else deliveries}
    (settings.releases / name / "manifest.json").write_text(json.dumps(document))
    switch.switch(settings, name)


def empty(settings: Settings) -> None:
    remove(settings, landed_deliveries(settings))


def step_refuses(settings: Settings, action: object) -> str:
    before = landed_deliveries(settings)
    with pytest.raises(WarehouseError) as refused:
        action(settings, lambda _: None)  # type: ignore[operator]
    assert landed_deliveries(settings) == before
    assert refused.value.exit_code == 3
    return str(refused.value)


def test_more_may_follow_and_the_same(settings: Settings, tmp_path: Path) -> None:
    require_successor(settings)
    (tmp_path / "c.csv").write_bytes(file_of(record(5)))
    ingest(settings, [tmp_path / "c.csv"], is_synthetic=False)
    require_successor(settings)


@pytest.mark.parametrize("by_feed", [True, False], ids=["this format", "an earlier format"])
def test_the_twin_does_not_land_where_the_landing_folder_was_lost(settings: Settings, by_feed: bool) -> None:
    publish(settings, "20260102T000000Z-again", by_feed=by_feed)
    empty(settings)
    said = step_refuses(settings, lambda settings, progress: steps.ingest(settings, [], progress))
    assert "lacks a.csv and 1 more of the current release 20260102T000000Z-again" in said
    assert "restore that folder" in said
    assert "--allow-synthetic" in said


@pytest.mark.parametrize("action", [steps.build_marts, steps.build_all, steps.build_results, steps.publish])
def test_nothing_is_built_or_published_without_one_of_the_deliveries(settings: Settings, action: object) -> None:
    remove(settings, landed_deliveries(settings)[1:])
    assert "lacks b.csv of the current release" in step_refuses(settings, action)


def test_a_delivery_that_was_withdrawn_is_not_missed(settings: Settings) -> None:
    withdraw(settings, landed_deliveries(settings)[1].number)
    require_successor(settings)


def test_a_named_synthetic_file_is_stopped_before_it_is_built(settings: Settings, tmp_path: Path) -> None:
    empty(settings)
    write_synthetic(tmp_path / "named.csv", 300, seed=1)
    steps.ingest(settings, [tmp_path / "named.csv"], lambda _: None)
    assert "lacks a.csv" in step_refuses(settings, steps.build_all)


def test_delivering_again_restores(settings: Settings, tmp_path: Path) -> None:
    empty(settings)
    ingest(settings, [tmp_path / "a.csv", tmp_path / "b.csv"], is_synthetic=False)
    require_successor(settings)


def test_who_says_so_may_begin_anew_with_synthetic_data_and_never_with_half_of_the_real(settings: Settings) -> None:
    allowed = settings.model_copy(update={"allow_synthetic": True})
    remove(settings, landed_deliveries(settings)[1:])
    with pytest.raises(WarehouseError, match=r"lacks b\.csv"):
        require_successor(allowed)
    empty(settings)
    steps.ingest(allowed, [], lambda _: None)
    require_successor(allowed)


def test_a_lost_link_makes_no_difference(settings: Settings) -> None:
    empty(settings)
    settings.current.unlink()
    with pytest.raises(WarehouseError, match=r"lacks a\.csv"):
        require_successor(settings, is_twin_offered=True)
