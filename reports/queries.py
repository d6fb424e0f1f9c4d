"""Every question that the pages ask, by name. Answers are bounded: aggregates, result tables, the first few rows."""

import re

from warehouse import contract
from warehouse.protocol import Engine
from warehouse.settings import DBT_PROJECT
from wording.rows import Data

QUEUE_ROWS = 20
DAYS = 92
"""Of the backlog: the newest quarter of a year."""

_REFERENCE = re.compile(r"{{ *ref\('(\w+)'\) *}}")


def charts() -> dict[str, str]:
    """The question of each chart by name: the analyses of dbt, which BI tools copy."""
    return {
        path.stem.removeprefix("chart_"): _REFERENCE.sub(r"{\1}", path.read_text(encoding="utf-8"))
        for path in sorted((DBT_PROJECT / "analyses").glob("chart_*.sql"))
    }


# `{name}` is a table of the contract.
QUERIES = {
    **charts(),
    # Two videos of each bar of the dashboard, for each kind of account.
    "examples": (
        """
        select * from {fct_videos}
        where video_id in (
            select first_video_id from {agg_engagement_bins} where claim_status <> 'unlabelled'
            union all
            select last_video_id from {agg_engagement_bins} where claim_status <> 'unlabelled'
        )
        order by video_id
    """
    ),
    # What was delivered.
    "reconciliation": "select * from {reconciliation} order by delivery_number",
    "rejects": (
        """
        select delivery_file_name, reject_reason, count(*) as row_count
        from {rejected_rows}
        group by delivery_file_name, reject_reason
        order by row_count desc, delivery_file_name, reject_reason
    """
    ),
    "repairs": "select * from {ingest_repairs} order by delivery_number, repair_kind, column_name",
    "missingness": "select * from {agg_missingness} order by verified_status, author_ban_status",
    "audits": "select * from {audit_results} order by boundary, expectation_number",
    "columns": "select * from {agg_column_profile} order by column_number",
    "flags": (
        """
        select flag_reason, count(*) as row_count from {fct_videos}
        where flag_reason is not null group by flag_reason order by flag_reason
    """
    ),
    # Verified accounts.
    "statistics": "select * from {statistical_results} order by result_number",
    "ranking": "select * from {metric_ranking} order by stratum, effect_rank, metric",
    "assumptions": "select * from {assumption_checks} order by check_number",
    "regression_performance": "select * from {regression_performance} order by method, decision_threshold",
    "regression_calibration": "select * from {regression_calibration} order by bin_number",
    # Claim models.
    "model_runs": "select * from {model_runs} order by feature_set, candidate",
    "model_metrics": (
        """
        select metrics.*, runs.candidate, runs.is_champion
        from {model_metrics} as metrics
        left join {model_runs} as runs on metrics.model_run_id = runs.model_run_id
        order by metrics.feature_set, runs.candidate, metrics.model_name, metrics.evaluation, metrics.slice,
        metrics.metric
    """
    ),
    "model_comparisons": "select * from {model_comparisons} order by feature_set, model_name, comparison",
    "written": "select * from {written_decisions} order by slice, claim_status, decision",
    "model_calibration": "select * from {model_calibration} order by feature_set, bin_number",
    "feature_importance": (
        "select * from {feature_importance} order by feature_set, importance_kind, importance_rank, feature"
    ),
    "robustness": "select * from {robustness_checks} order by check_name, check_order, subject, model_name, metric",
    "predictions": (
        """
        select feature_set, decision, count(*) as video_count from {fct_claim_predictions}
        group by feature_set, decision order by feature_set, decision
    """
    ),
    "unlabelled": (
        """
        select feature_set, count(*) as video_count, avg(claim_probability) as mean_probability
        from {fct_claim_predictions} where label is null
        group by feature_set order by video_count desc, feature_set
    """
    ),
    "drift": "select * from {delivery_drift} order by delivery_number, feature",
    # The review queue.
    "days": (
        f"""
        select * from (select * from {{agg_backlog_daily}} order by day_started_at desc limit {DAYS}) as newest
        order by day_started_at
    """  # our own text
    ),
    "agreement": "select * from {agg_label_agreement} order by comparison",
    "prevalence": "select * from {agg_prevalence} order by case_kind",
    "backlog": "select * from {backlog_simulation} order by is_in_force desc, policy, is_clearing, measure",
    "queue": f"select * from {{fct_review_queue}} where queue_rank <= {QUEUE_ROWS} order by queue_rank",
}

# What is compared between a release and the one before it.
HEADLINES = ("reconciliation", "claim_statuses", "statistics", "model_metrics", "audits")


def load(engine: Engine, names: tuple[str, ...] = tuple(QUERIES)) -> Data:
    """Ask the named questions.

    Args:
        engine: A release.
        names: Keys of `QUERIES`.

    Returns:
        The rows of each; an empty list where a table has none.
    """
    return {name: engine.query(sql(QUERIES[name])).to_pylist() for name in names}


def sql(template: str) -> str:
    """Fill the tables' names into a query."""
    return re.sub(r"\{(\w+)\}", lambda match: contract.relation(match[1]), template)
