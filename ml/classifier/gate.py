"""The model gate: a random forest that is clearly worse than what it replaces is not published."""

from ml.classifier.comparison import clearly_worse, gated
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
        "select feature_set, model_name, comparison, accuracy_difference, p_value, sentence "
        f"from {contract.relation('model_comparisons')} order by feature_set, comparison, model_name"
    ).to_pylist()
    if refused := clearly_worse(rows):
        lines = [f"  {row['feature_set']}: {row['sentence']}" for row in refused]
        # Holm's correction over fewer comparisons is the stricter gate; a reader of the table's verdict has to know.
        family = (
            f"  The gate corrects for its own {len(gated(rows))} comparisons, these sentences for all {len(rows)} "
            "of the table: what is no clear difference there can be one here."
        )
        raise DataError("\n".join(["The model gate refuses to publish; the current release stays:", *lines, family]))
    return len(rows)
