"""Layer, naming and contract rules over dbt's manifest: each rule is a function that returns offenders."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from warehouse import contract
from warehouse.settings import Settings

LAYERS = {
    "staging": r"stg_[a-z]+__[a-z_]+",
    "intermediate": r"int_[a-z]+_[a-z]+",
    "marts": r"(fct|agg|dim)_[a-z_]+",
}
SUFFIX_TYPES = {
    "_count": {"bigint"},
    "_rate": {"double"},
    "_share": {"double"},
    "_at": {"timestamp"},
    "_id": {"bigint", "string"},
}


@pytest.fixture(scope="module")
def nodes(built_warehouse: Settings) -> dict[str, Any]:
    manifest = json.loads((built_warehouse.home / "dbt" / "target" / "manifest.json").read_text())
    return {**manifest["nodes"], **manifest["sources"]}


@pytest.fixture(scope="module")
def models(nodes: dict[str, Any]) -> dict[str, Any]:
    return {key: node for key, node in nodes.items() if node["resource_type"] == "model"}


def misnamed(models: dict[str, Any]) -> Iterator[str]:
    for node in models.values():
        pattern = LAYERS.get(node["fqn"][1])
        if pattern and not re.fullmatch(pattern, node["name"]):
            yield node["name"]


def wrong_readers_of_sources(models: dict[str, Any]) -> Iterator[str]:
    """Only staging and quality read what was landed; only marts read what scripts wrote."""
    allowed = {"landing": {"staging", "quality"}, "ml": {"marts"}, "quality": {"quality"}, "operations": {"quality"}}
    for node in models.values():
        for parent in node["depends_on"]["nodes"]:
            if parent.startswith("source.") and node["fqn"][1] not in allowed[parent.split(".")[2]]:
                yield node["name"]


def features_beyond_marts(models: dict[str, Any]) -> Iterator[str]:
    """The ml layer selects from marts only, so that a release can carry its views."""
    for node in models.values():
        layers = {models[parent]["fqn"][1] for parent in node["depends_on"]["nodes"] if parent in models}
        if node["fqn"][1] == "ml" and layers != {"marts"}:
            yield node["name"]


def public_without_contract(models: dict[str, Any]) -> Iterator[str]:
    for node in models.values():
        if node["fqn"][1] in contract.PUBLIC_SCHEMAS and not node["contract"]["enforced"]:
            yield node["name"]


def undescribed(nodes: dict[str, Any]) -> Iterator[str]:
    for node in nodes.values():
        if node["resource_type"] in {"model", "source", "seed"}:
            if not node["description"]:
                yield node["name"]
            for name, column in node["columns"].items():
                if not column["description"]:
                    yield f"{node['name']}.{name}"


def grainless(models: dict[str, Any]) -> Iterator[str]:
    """A description begins with what one row is."""
    for node in models.values():
        if not node["description"].startswith("One row per"):
            yield node["name"]


def untested_grain(nodes: dict[str, Any], models: dict[str, Any]) -> Iterator[str]:
    unique = {
        parent
        for node in nodes.values()
        if node["resource_type"] == "test"
        and node.get("test_metadata", {}).get("name") in {"unique", "unique_combination"}
        for parent in node["depends_on"]["nodes"]
    }
    yield from (node["name"] for key, node in models.items() if key not in unique)


def badly_typed_names() -> Iterator[str]:
    """A name tells type and unit; delivery and row numbers are bigint, flags begin with is_ or has_."""
    for table in contract.public_tables().values():
        for column in table.columns:
            for suffix, types in SUFFIX_TYPES.items():
                if column.name.endswith(suffix) and column.data_type not in types:
                    yield f"{table.name}.{column.name}"
            is_flag = column.name.startswith(("is_", "has_"))
            if is_flag != (column.data_type == "boolean"):
                yield f"{table.name}.{column.name}"


def test_names_tell_the_layer(models: dict[str, Any]) -> None:
    assert models
    assert not [*misnamed(models)]
    assert [*misnamed({"model.x": {"fqn": ["p", "marts", "x"], "name": "videos"}})] == ["videos"]


def test_layers(models: dict[str, Any]) -> None:
    assert not [*wrong_readers_of_sources(models)]
    assert not [*features_beyond_marts(models)]
    bad = {"model.x": {"fqn": ["p", "marts", "x"], "name": "x", "depends_on": {"nodes": ["source.p.landing.y"]}}}
    assert [*wrong_readers_of_sources(bad)] == ["x"]


def test_public_models_are_contracted_and_described(nodes: dict[str, Any], models: dict[str, Any]) -> None:
    assert not [*public_without_contract(models)]
    assert not [*undescribed(nodes)]
    assert not [*grainless(models)]


def test_grain_is_tested(nodes: dict[str, Any], models: dict[str, Any]) -> None:
    assert not [*untested_grain(nodes, models)]
    assert [*untested_grain({}, {"model.x": {"name": "x"}})] == ["x"]


def test_names_tell_type_and_unit() -> None:
    assert not [*badly_typed_names()]
