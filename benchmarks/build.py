"""From what has landed to the marts: `claims build` against one SQL script, and the whole way against pandas."""
# ruff: noqa: S608 - names and SQL come from the manifest of dbt

import json
import shutil
from pathlib import Path
from typing import Any

from benchmarks import data
from benchmarks.harness import Contender, Plan, claims, in_turn, ratio, work
from benchmarks.store import Result, as_ratio, summary
from warehouse import contract
from warehouse.settings import DBT_PROJECT


def measure(plan: Plan) -> Result:
    rows, repeats = plan.rows, plan.repeats
    landed = data.landed(rows)
    environment = {"CLAIMS_HOME": str(landed)}
    floor_home = data.home(rows, "floor")
    script = floor_home / "build.sql"
    floor_file = floor_home / "warehouse.duckdb"
    file = data.delivery(rows)

    def again() -> None:
        data.remove_warehouse(landed)

    def floor_again() -> None:
        floor_home.mkdir(parents=True, exist_ok=True)
        data.remove_warehouse(floor_home)
        script.write_text(floor_script(landed), encoding="utf-8")

    ours = Contender("claims build", claims("build"), environment, again)
    floor = Contender(
        "floor (one SQL script)",
        work("benchmarks.with_duckdb:script", file=str(script), warehouse=str(floor_file)),
        environment,
        floor_again,
    )
    samples = in_turn([ours, floor], repeats)
    differing = differences(landed / "warehouse.duckdb", floor_file)
    if differing:
        raise AssertionError(f"the floor's tables differ from ours: {differing}")
    notebook = Contender("notebook (pandas)", work("benchmarks.with_pandas:marts", file=str(file)))
    notebook_samples = in_turn([notebook], 1 if rows > 1_000_000 else repeats)
    samples |= notebook_samples
    times = {name: [run.wall_sec for run in runs] for name, runs in samples.items()}
    result: Result = {
        "contenders": summary(samples, rows),
        "ratios": {"time against floor": as_ratio(ratio(times[ours.name], times[floor.name]))},
        "facts": {
            "overhead_sec": round(sorted(times[ours.name])[repeats // 2] - sorted(times[floor.name])[repeats // 2], 2),
            **_nodes(landed),
        },
    }
    shutil.rmtree(floor_home)
    return result


def floor_script(home: Path) -> str:
    """One SQL script that writes the tables dbt wrote last, from dbt's own compiled SQL, so that it stays true.

    Args:
        home: Where `claims build` has run.

    Returns:
        Statements separated by `;;`, in an order in which they run; no test, no comment, no contract check.
    """
    manifest = json.loads((home / "dbt" / "target" / "manifest.json").read_text(encoding="utf-8"))
    results = json.loads((home / "dbt" / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    statements = []
    for source in manifest["sources"].values():
        if source["config"]["meta"].get("written_by"):
            columns = ", ".join(f'"{column.name}" {column.data_type}' for column in contract.columns(source["name"]))
            statements.append(f'create schema if not exists "{source["schema"]}"')
            statements.append(f'create table "{source["schema"]}"."{source["name"]}" ({columns})')
    finished = sorted(
        (result for result in results if result["unique_id"].split(".")[0] in {"model", "seed"}),
        key=lambda result: str(result["timing"][-1]["completed_at"]),
    )
    for result in finished:
        node = manifest["nodes"][result["unique_id"]]
        statements.append(f'create schema if not exists "{node["schema"]}"')
        statements.append(_create(node, result["compiled_code"]))
    return ";;\n".join(statements)


def _create(node: dict[str, Any], compiled: str | None) -> str:
    name = f'"{node["schema"]}"."{node["name"]}"'
    if node["resource_type"] == "seed":
        types = ", ".join(f"'{column}': '{kind}'" for column, kind in node["config"]["column_types"].items())
        path = str(DBT_PROJECT / node["original_file_path"]).replace("'", "''")
        return f"create table {name} as select * from read_csv('{path}', header = true, types = {{{types}}})"
    kind = "view" if node["config"]["materialized"] == "view" else "table"
    if kind == "table" and node["config"]["contract"]["enforced"]:
        columns = ", ".join(
            f'cast("{column}" as {entry["data_type"]}) as "{column}"' for column, entry in node["columns"].items()
        )
        return f"create table {name} as select {columns} from ({compiled}\n) as compiled"
    return f"create {kind} {name} as {compiled}"


def differences(ours: Path, floor: Path) -> list[str]:
    """Tables whose content is not the same in both files."""
    first, second = data.table_checksums(ours), data.table_checksums(floor)
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def _nodes(home: Path) -> dict[str, int]:
    results = json.loads((home / "dbt" / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    kinds = [result["unique_id"].split(".")[0] for result in results]
    return {"models": kinds.count("model"), "tests": kinds.count("test") + kinds.count("unit_test")}
