"""The page of results is written from what was stored, aims and misses alike."""

import copy
import json

import pytest

from benchmarks import chart, pages, store
from benchmarks.aims import verdicts

STEPS = {"ingest": {"seconds": 2.0}, "build": {"seconds": 9.0}}


@pytest.fixture
def stored() -> dict:
    ratio = {"median": 0.8, "low": 0.7, "high": 0.9}
    contender = {"repeats": 1, "wall_sec": 2.0, "work_sec": 2.0, "cpu_sec": 3.0, "peak_mb": 900, "rows_per_sec": 5}
    run = {"measured_on": "2026-01-01", "contenders": {"first": contender}, "facts": {}}
    return {
        "machine": store.machine(),
        "results": {
            "ingest": {
                "10000000": {
                    "measured_on": "2026-01-01",
                    "contenders": {"claims ingest": contender},
                    "ratios": {"speed against floor": ratio},
                }
            },
            "whole_run": {
                "1000000": {**run, "steps": {"first": STEPS}},
                "10000000": {**run, "steps": {"first": {name: {"seconds": 10.0} for name in STEPS}}},
            },
        },
    }


def test_an_aim_is_met_or_missed_or_open(stored: dict) -> None:
    def of(aim: str) -> object:
        return next(found.is_met for found in verdicts(stored) if found.aim.startswith(aim))

    assert of("ingest: at least") is True
    stored["results"]["ingest"]["10000000"]["ratios"]["speed against floor"]["median"] = 0.4
    assert of("ingest: at least") is False
    assert of("scoring: at least") is None
    assert of("whole run: less than 4 GB") is True


def test_growth_is_read_from_the_steps(stored: dict) -> None:
    growth = {found.aim.split(":")[0]: found for found in verdicts(stored) if "cost grows" in found.aim}
    assert growth["ingest"].measured == "0.70"
    assert growth["build"].measured == "0.05"


def test_the_pages_do_not_change_by_themselves(stored: dict) -> None:
    again = json.loads(json.dumps(copy.deepcopy(stored)))
    assert pages.page(stored) == pages.page(again)
    drawing = chart.curve(stored["results"]["whole_run"])
    assert drawing == chart.curve(again["results"]["whole_run"])
    assert "<svg" in drawing


def test_the_committed_page_shows_the_committed_results() -> None:
    assert pages.PAGE.read_text(encoding="utf-8") == pages.page(store.load())
