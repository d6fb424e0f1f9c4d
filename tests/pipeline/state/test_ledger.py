"""The ledger: a line for each step, readable whatever was broken off."""

import json
from pathlib import Path

import yaml

from pipeline.state import ledger
from warehouse import contract
from warehouse.settings import DBT_PROJECT, Settings


def test_a_torn_line_loses_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger.append(path, {"step": "one"})
    with path.open("a") as file:
        file.write('{"step": "tor')
    ledger.append(path, {"step": "two"})
    assert [entry["step"] for entry in ledger.read(path)] == ["one", "two"]


def test_no_ledger_is_no_entry(tmp_path: Path) -> None:
    assert ledger.read(tmp_path / "ledger.jsonl") == []


def test_lines_stay_lines(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger.append(path, {"error": "two\nlines, \u2028 and more"})
    assert len(path.read_bytes().splitlines()) == 1
    assert ledger.read(path) == [{"error": "two\nlines, \u2028 and more"}]


def test_the_source_reads_the_columns_of_the_contract() -> None:
    """The JSON reader's columns stand in the source's YAML; the model's contract is the truth."""
    document = yaml.safe_load((DBT_PROJECT / "models" / "quality" / "run_ledger_lines.yml").read_text())
    location = document["sources"][0]["config"]["meta"]["external_location"]
    listed = location[location.index("columns = {") + 11 : location.rindex("}")]
    assert [pair.split(":")[0].strip() for pair in listed.split(",")] == [
        column.name for column in contract.columns("run_ledger")
    ]


def test_every_field_of_a_step_reaches_the_table(built_warehouse: Settings) -> None:
    entries = [entry for entry in ledger.read(built_warehouse.ledger) if entry["status"] == "done"]
    assert len(entries) == 10
    columns = {column.name for column in contract.columns("run_ledger")}
    for entry in entries:
        assert columns - entry.keys() <= {"error"}
        assert entry.keys() - columns <= {"fingerprint", "warehouse_before", "warehouse_after"}
        assert entry["peak_memory_byte_count"] > 10_000_000
        assert len(entry["input_hashes"]) == 3
    assert [entry["step_number"] for entry in entries] == list(range(1, 11))


def test_the_release_holds_the_ledger_up_to_its_build(built_warehouse: Settings) -> None:
    from warehouse.duckdb_engine import DuckDBEngine

    with DuckDBEngine.open_release(built_warehouse) as engine:
        rows = engine.query(
            f"select step, status, started_at, duration_sec, input_hashes from {contract.relation('run_ledger')} "
            "order by step_number"
        ).to_pylist()
    assert [row["step"] for row in rows] == ["ingest", "build", "audit", "analyze", "train", "predict", "simulate"]
    first = ledger.read(built_warehouse.ledger)[0]
    assert f"{rows[0]['started_at'].isoformat(timespec='milliseconds')}Z" == first["started_at"]
    assert json.loads(rows[0]["input_hashes"]) == first["input_hashes"]
