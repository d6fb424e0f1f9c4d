"""The last words of the main job: what was found, from the current release's tables."""

from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.settings import Settings

# Relations come from the contract, so composing SQL with them is safe.
_STATUSES = "select claim_status, video_count, view_count from {agg_videos_by_claim_status} order by claim_status"
_TEST = "select sentence from {statistical_results} order by result_number limit 1"
_ACCURACY = """
    select stage, metric_value, observation_count from {model_metrics}
    where metric = 'accuracy' and model_name = 'random_forest' and evaluation = 'test' and slice = 'all'
    order by metric_value desc, stage limit 1
"""


def headline_findings(settings: Settings) -> list[str]:
    """Say the three main findings.

    Args:
        settings: Where the current release stands.

    Returns:
        Sentences whose every number is read from a table.
    """
    relations = {name: contract.relation(name) for name in contract.public_tables()}
    with DuckDBEngine.open_release(settings) as engine:
        statuses, tests, accuracies = (
            engine.query(sql.format(**relations)).to_pylist() for sql in (_STATUSES, _TEST, _ACCURACY)
        )
    counts = ", ".join(f"{row['video_count']:,} {row['claim_status']}" for row in statuses)
    return [
        f"Videos by status: {counts}.",
        *(row["sentence"] for row in tests),
        *(
            f"The {row['stage']} random forest is right on {row['metric_value']:.2%} of "
            f"{row['observation_count']:,} held-out videos."
            for row in accuracies
        ),
    ]
