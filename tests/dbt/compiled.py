"""Run dbt's compiled models on a few rows in memory: every statement as it is, without a build."""

import json
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from graphlib import TopologicalSorter
from typing import Any

import duckdb
import pyarrow as pa

from warehouse import contract
from warehouse.settings import Settings

Rows = Sequence[Mapping[str, Any]]


def statement(settings: Settings, node: dict[str, Any]) -> str:
    """The compiled statement of a model or test; the manifest holds those of dbt's last call alone."""
    folder = settings.home / "dbt" / "target" / "compiled" / node["package_name"]
    return str(node.get("compiled_code") or (folder / node["original_file_path"]).read_text(encoding="utf-8"))


def deliveries_of(staged: Mapping[str, Rows]) -> Rows:
    """A row for each delivery that the staged rows name, in the order of their numbers."""
    named = {
        (row["delivery_number"], name.removeprefix("stg_tiktok__")) for name, rows in staged.items() for row in rows
    }
    return [
        {"delivery_number": number, "feed": feed, "is_blanking_allowed": False, "is_withdrawn": False}
        for number, feed in sorted(named)
    ]


@contextmanager
def built_from(settings: Settings, staged: Mapping[str, Rows], results: Mapping[str, Rows] | None = None):
    """Build the intermediate models, the marts and the features from given rows.

    Args:
        settings: A built warehouse, for its compiled statements and seeds.
        staged: Rows of staging models by name; columns that they lack are NULL, models that are left out are empty.
        results: The same for tables that scripts write.

    Yields:
        A connection on the tables.
    """
    manifest = json.loads((settings.home / "dbt" / "target" / "manifest.json").read_text(encoding="utf-8"))
    models = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    given = {"stg_tiktok__deliveries": deliveries_of(staged), **staged, **(results or {})}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{settings.warehouse_file}' as built (read_only)")
        connection.execute("attach ':memory:' as warehouse")
        for schema in ("staging", "intermediate", "marts", "ml", "quality", "seeds"):
            connection.execute(f"create schema warehouse.{schema}")
        for node in manifest["nodes"].values():
            if node["resource_type"] == "seed":
                connection.execute(f"create table warehouse.seeds.{node['name']} as from built.seeds.{node['name']}")
        inputs = [node["name"] for node in models.values() if node["schema"] == "staging"]
        inputs += [table.name for table in contract.tables().values() if table.is_source and "written_by" in table.meta]
        for name in inputs:
            rows = pa.Table.from_pylist([dict(row) for row in given.get(name, [])], schema=contract.arrow_schema(name))
            connection.register("rows", rows)
            connection.execute(f"create table warehouse.{contract.relation(name)} as from rows")
            connection.unregister("rows")
        wanted = {key for key, node in models.items() if node["schema"] in {"intermediate", "marts", "ml"}}
        wanted |= {key for key, node in models.items() if node["name"] == "reporter_weights"}
        order = TopologicalSorter({key: wanted & set(models[key]["depends_on"]["nodes"]) for key in wanted})
        for key in order.static_order():
            node = models[key]
            connection.execute(f"create table warehouse.{node['schema']}.{node['name']} as {statement(settings, node)}")
        connection.execute("use warehouse")
        yield connection
