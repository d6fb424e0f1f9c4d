"""What people and programs are told about a delivery."""

import json
import subprocess

import pytest

from pipeline.landing.cells.rules import EXPLANATIONS
from tests.pipeline.landing.landing_cases import file_of, record
from warehouse.settings import ROOT

CLAIMS = ROOT / ".venv" / "bin" / "claims"


@pytest.fixture
def claims(tmp_path, monkeypatch):
    monkeypatch.setenv("CLAIMS_HOME", str(tmp_path / "var"))
    return lambda *arguments: subprocess.run(
        [CLAIMS, *map(str, arguments)], capture_output=True, text=True, cwd=tmp_path, check=False
    )


@pytest.fixture
def delivery(tmp_path):
    path = tmp_path / "delivery.csv"
    path.write_bytes(file_of(record(2, views="2000.0"), record(3, views="many"), good=120))
    return path


def test_a_trial_tells_programs_everything_and_lands_nothing(claims, delivery, tmp_path) -> None:
    refused = tmp_path / "refused.csv"
    refused.write_bytes(b'{"a": 1}')
    outcome = claims("ingest", "--dry-run", "--json", delivery, refused)
    assert outcome.returncode == 1
    report, refusal = json.loads(outcome.stdout)
    assert (report["record_count"], report["landed_count"], report["rejected_count"]) == (122, 121, 1)
    assert report["repairs"] == [
        {
            "repair_kind": "decimal_point",
            "column_name": "video_view_count",
            "repaired_count": 1,
            "example_before": "2000.0",
            "example_after": "2000",
        }
    ]
    assert report["rejects"] == [
        {
            "rejected_column": "video_view_count",
            "reject_reason": "not_a_number",
            "reject_count": 1,
            "line_number": 4,
            "raw_text": record(3, views="many"),
        }
    ]
    assert refusal["would_land"] is False
    assert "JSON" in refusal["refusal"]
    assert not (tmp_path / "var" / "landing").exists()


def test_a_trial_tells_people_the_same_and_so_does_landing(claims, delivery) -> None:
    trial = claims("ingest", "--dry-run", delivery)
    assert trial.returncode == 0
    assert "122 records: 121 would land, 1 would be rejected" in trial.stdout
    assert "decimal_point" in trial.stdout
    assert f"first on line 4: {EXPLANATIONS['not_a_number']}" in trial.stdout
    landed = claims("ingest", delivery)
    assert landed.returncode == 0, landed.stderr
    assert "122 records in 1 file(s), 1 rejected, 1 new; repaired: decimal_point 1" in landed.stdout
    assert "landed before, as delivery 1" in claims("ingest", "--dry-run", delivery).stdout


def test_every_rule_is_explained(claims) -> None:
    outcome = claims("ingest", "--explain")
    assert outcome.returncode == 0
    assert all(code in outcome.stdout for code in EXPLANATIONS)
