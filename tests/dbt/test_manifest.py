"""Rules over dbt's manifest and YAML that dbt-bouncer (conf/dbt-bouncer.yml, in `make lint`) has no check for.

Each rule is a function that returns offenders.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from warehouse import contract
from warehouse.settings import DBT_PROJECT, Settings

SUFFIX_TYPES = {
    "_count": {"bigint"},
    "_rate": {"double"},
    "_share": {"double"},
    "_at": {"timestamp"},
    "_id": {"bigint", "string"},
}


@pytest.fixture(scope="module")
def models(built_warehouse: Settings) -> dict[str, Any]:
    manifest = json.loads((built_warehouse.home / "dbt" / "target" / "manifest.json").read_text())
    return {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}


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


def written_columns() -> Iterator[tuple[str, str, str]]:
    """Table, column and description as written, of all but the raw inputs, whose lines are declared where they land."""
    for path in sorted((DBT_PROJECT / "models").rglob("*.yml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        sources = [source for source in document.get("sources", []) if source["name"] not in {"landing", "operations"}]
        for table in [*document.get("models", []), *(table for source in sources for table in source["tables"])]:
            for column in table["columns"]:
                yield table["name"], column["name"], column["description"]


def texts_written_twice(columns: list[tuple[str, str, str]]) -> Iterator[str]:
    """The same column has the same text: from two tables on it is a block of columns.md, named after the column."""
    written = Counter((column, text) for _, column, text in columns if "doc(" not in text)
    blocks = {match[1] for _, _, text in columns if (match := re.search(r"doc\('(\w+)'\)", text))}
    for table, column, text in columns:
        block = re.search(r"doc\('(\w+)'\)", text)
        if written[column, text] > 1 or (block and block[1].split("__")[0] != column):
            yield f"{table}.{column}"
    yield from blocks.symmetric_difference(contract.doc_blocks()) - {"__overview__"}


def files_of_several_models() -> Iterator[str]:
    """One file per model and per result table, named after it."""
    for path in sorted((DBT_PROJECT / "models").rglob("*.yml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        sources = [source for source in document.get("sources", []) if source["name"] != "landing"]
        names = [table["name"] for source in sources for table in source["tables"]]
        names += [model["name"] for model in document.get("models", [])]
        if names and names != [path.stem]:
            yield str(path.relative_to(DBT_PROJECT))


def sources_outside_the_prefix() -> Iterator[str]:
    """A source without it is read beside the schema that a prefixed build writes."""
    for path in sorted(DBT_PROJECT.glob("models/**/*.yml")):
        for source in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("sources", ()):
            if not source.get("schema", "").startswith("{{ env_var('CLAIMS_SCHEMA_PREFIX', '') }}"):
                yield path.name


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


def test_layers(models: dict[str, Any]) -> None:
    assert not [*wrong_readers_of_sources(models)]
    assert not [*features_beyond_marts(models)]
    bad = {"model.x": {"fqn": ["p", "marts", "x"], "name": "x", "depends_on": {"nodes": ["source.p.landing.y"]}}}
    assert [*wrong_readers_of_sources(bad)] == ["x"]


def test_every_source_stands_behind_the_prefix() -> None:
    assert list(sources_outside_the_prefix()) == []


def test_names_tell_type_and_unit() -> None:
    assert not [*badly_typed_names()]


def test_the_same_column_has_the_same_text() -> None:
    assert not [*texts_written_twice([*written_columns()])]
    twice = [("agg_a", "video_count", "Videos."), ("agg_b", "video_count", "Videos."), ("agg_c", "x", "{{ doc('y') }}")]
    assert {"agg_a.video_count", "agg_b.video_count", "agg_c.x"} <= {*texts_written_twice(twice)}


def test_each_model_has_its_own_file_and_the_files_stay_short() -> None:
    assert not [*files_of_several_models()]
    aside = {"exposures.yml", "groups.yml"}
    files = [path for path in (DBT_PROJECT / "models").rglob("*.yml") if path.name not in aside]
    # A model more may have its lines; no model may have many.
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files) <= 32 * len(files)
