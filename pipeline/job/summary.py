"""The last words of the main job, and the summaries for leadership: what was found, from a release's tables."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.job.step import StepResult
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.protocol import Engine
from warehouse.settings import Settings
from wording.rows import Row

# Relations come from the contract, so composing SQL with them is safe.
_HEADLINES = {
    "claim_statuses": "select * from {agg_videos_by_claim_status} order by claim_status",
    "statistics": "select question, sentence from {statistical_results} order by result_number limit 1",
    "model_metrics": "select * from {model_metrics} where evaluation = 'test' and slice = 'all'",
    "model_comparisons": "select * from {model_comparisons}",
}
_DELIVERED = """
    select cast(sum(record_count) as bigint) as record_count, cast(sum(rejected_count) as bigint) as rejected_count
    from {reconciliation}
"""


def totals(settings: Settings, results: Sequence[StepResult]) -> str:
    """One line of totals.

    Args:
        settings: Where the current release stands.
        results: The steps of this run.

    Returns:
        Rows in, rows rejected, marts built and checks passed; skipped steps passed theirs in an earlier run.
    """
    with DuckDBEngine.open_release(settings) as engine:
        (row,) = engine.query(_DELIVERED.format(reconciliation=contract.relation("reconciliation"))).to_pylist()
    marts = sum(table.schema == "marts" for table in contract.public_tables().values())
    checks = sum(result.outcome.check_count for result in results)
    when = " in this run, those of the skipped steps before" if any(result.is_skipped for result in results) else ""
    return (
        f"{row['record_count']:,} rows in, {row['rejected_count']:,} rejected; {marts} marts published; "
        f"{checks} checks passed{when}."
    )


def headline_findings(settings: Settings) -> list[str]:
    """Say the three main findings.

    Args:
        settings: Where the current release stands.

    Returns:
        Sentences whose every number is read from a table.
    """
    from wording import overview

    relations = {name: contract.relation(name) for name in contract.public_tables()}
    with DuckDBEngine.open_release(settings) as engine:
        data = {name: engine.query(sql.format(**relations)).to_pylist() for name, sql in _HEADLINES.items()}
    return overview.headlines(data)


def write_summaries(engine: Engine, folder: Path) -> None:
    """Write the one-page summaries for leadership.

    Args:
        engine: The release.
        folder: Made when absent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in summaries(engine).items():
        (folder / name).write_text(text, encoding="utf-8")


def summaries(engine: Engine) -> dict[str, str]:
    """The one-page summaries for leadership, by file name."""
    from wording.summaries import render

    def read(table: str, order: str) -> list[Row]:
        relation = contract.relation(table)
        rows: list[Row] = engine.query(f"select * from {relation} order by {order}").to_pylist()  # noqa: S608  # ours
        return rows

    return render(
        read("statistical_results", "result_number"),
        read("assumption_checks", "check_number"),
        read("regression_performance", "method, decision_threshold"),
    )
