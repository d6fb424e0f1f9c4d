"""The model gate: a random forest that is clearly worse than what it replaces is not published."""

from ml.classifier.comparison import clearly_worse
from warehouse import contract
from warehouse.errors import DataError
from warehouse.protocol import Engine


def check(engine: Engine) -> int:
    """Refuse models that do worse than the one-line rule or than the current release's model, on the same videos.

    Args:
        engine: The working warehouse, after training.

    Returns:
        The number of comparisons that were checked.

    Raises:
        DataError: A random forest is clearly worse; the message says which and by how much.
    """
    rows = engine.query(
        "select feature_set, model_name, comparison, verdict, sentence "
        f"from {contract.relation('model_comparisons')} order by feature_set, comparison, model_name"
    ).to_pylist()
    if refused := clearly_worse(rows):
        lines = [f"  {row['feature_set']}: {row['sentence']}" for row in refused]
        raise DataError("\n".join(["The model gate refuses to publish; the current release stays:", *lines]))
    return len(rows)
