"""Models of a release that stay in use: their files, and their rows of the result tables."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ml.classifier import registry
from ml.classifier.registry import SavedModel
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.errors import DataError
from warehouse.settings import Settings


def loadable(release: Path, names: Sequence[str]) -> list[SavedModel]:
    """The models of a release that still load here, of these feature sets."""
    found = []
    for name in names:
        try:
            found.append(registry.load(release / "models", name))
        except DataError:  # none was released, or one of another version or contract
            continue
    return found


def keep(
    settings: Settings, release: Path, models: Sequence[SavedModel], tables: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Put released models in place of fitted ones.

    Args:
        settings: Whose folder of models they are copied into.
        release: Folder of the release.
        models: As from `loadable`.
        tables: Result tables of training.

    Returns:
        The released rows of these models, by table.
    """
    names = [model.feature_set.name for model in models]
    settings.models.mkdir(parents=True, exist_ok=True)
    for name in names:
        for ending in registry.ENDINGS:
            shutil.copy(release / "models" / f"{name}.{ending}", settings.models)
    rows: dict[str, list[dict[str, Any]]] = {}
    with DuckDBEngine.open_release(settings, release) as engine:
        for table in tables:
            found = engine.query(f"select * from {contract.relation(table)}").to_pylist()
            rows[table] = [row for row in found if row["feature_set"] in names]
    return rows
