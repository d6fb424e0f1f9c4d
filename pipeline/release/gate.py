"""The gate before a release, whatever called for one: what must hold on its staged copy. A rule is a query."""

from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.landing.folder import landed_deliveries
from pipeline.release.manifest import OUTSIDE_CHECKSUMS, audits_of, deliveries_of, quoted
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine, sql_literal
from warehouse.errors import DataError
from warehouse.settings import Settings

# Names come from the contract, so composing SQL with them is safe.
# ruff: noqa: S608

SCORED_AGAIN = 20
"""Rows per feature set that the released models must score as the predictions say."""
TOLERANCE = 1e-12


class Law(NamedTuple):
    """Two numbers that are equal in every release."""

    sentence: str
    left: str
    right: str


_CURRENT = "select coalesce(sum(current_count), 0) from {reconciliation} where feed = 'videos'"
_VIDEOS = "select count(*) from {fct_videos}"
_WITHOUT = "select count(*) from {{{0}}} as kept anti join {{{1}}} as others on kept.video_id = others.video_id"
_NONE = "select 0"
_UNLABELLED_WITHOUT_CASE = (
    "select count(*) from {fct_videos} as videos anti join {fct_cases} as cases on videos.video_id = cases.video_id "
    "where videos.label is null"
)

_TO_REVIEW = "select count(*) from {fct_cases} where disposition = 'to_review'"

_COUNTED_BY_A_LAW = frozenset(
    {
        "agg_queue_policies",
        "agg_queue_coverage",
        "agg_queue_coverage_by_part",
        "agg_backlog_daily",
        "agg_report_reasons",
        "agg_score_monitor",
    }
)

LAWS = (
    Law("fct_videos holds the current rows of the delivered videos", _VIDEOS, _CURRENT),
    Law(
        "rejected_rows holds the rejected records",
        "select count(*) from {rejected_rows}",
        "select coalesce(sum(rejected_count), 0) from {reconciliation}",
    ),
    Law(
        "ingest_repairs counts the repairs of the deliveries",
        "select coalesce(sum(repaired_count), 0) from {ingest_repairs}",
        "select coalesce(sum(repaired_count), 0) from {reconciliation}",
    ),
    Law(
        "the score monitor has a row per remembered release",
        "select count(*) from {agg_score_monitor}",
        "select count(*) from {score_history}",
    ),
    Law("video_features has a row per video", "select count(*) from {video_features}", _VIDEOS),
    Law("every video has a prediction", _WITHOUT.format("fct_videos", "fct_claim_predictions"), _NONE),
    Law("every prediction is of a video", _WITHOUT.format("fct_claim_predictions", "fct_videos"), _NONE),
    Law(
        "the predictions are those that the models wrote",
        "select count(*) from {fct_claim_predictions} as published left join {claim_predictions} as written "
        "on published.video_id = written.video_id where published.model_run_id is distinct from written.model_run_id "
        "or (written.video_id is not null and published.claim_probability <> written.claim_probability)",
        _NONE,
    ),
    Law(
        "videos are scored where a model stands",
        "select count(*) from {fct_videos} where exists (select 1 from {model_runs} where is_written_back) "
        "and not exists (select 1 from {claim_predictions})",
        _NONE,
    ),
    *(
        Law(
            f"{name} compares orders where videos were held out",
            f"select count(*) from {{held_out_predictions}} where not exists (select 1 from {{{name}}})",
            _NONE,
        )
        for name in ("agg_queue_coverage", "agg_queue_coverage_by_part")
    ),
    Law(
        "agg_queue_policies shows what was simulated",
        "select count(*) from {agg_queue_policies}",
        "select count(*) from {queue_policy_coverage}",
    ),
    Law(
        "the queue holds the open cases that are to be reviewed",
        "select count(*) from {fct_review_queue} as queue inner join {fct_cases} as cases "
        "on queue.case_id = cases.case_id and cases.disposition = 'to_review'",
        _TO_REVIEW,
    ),
    Law("nothing else stands in the queue", "select count(*) from {fct_review_queue}", _TO_REVIEW),
    Law(
        "the queue shows the predictions",
        "select count(*) from {fct_review_queue} as queue inner join {fct_claim_predictions} as predictions "
        "on queue.video_id = predictions.video_id where queue.claim_probability <> predictions.claim_probability "
        "or queue.model_run_id is distinct from predictions.model_run_id",
        _NONE,
    ),
    Law(
        "delivery_changes has a row per delivery of videos",
        "select count(*) from {delivery_changes}",
        "select count(*) from {reconciliation} where feed = 'videos' and is_withdrawn is not true",
    ),
    Law("every video without a label has a case", _UNLABELLED_WITHOUT_CASE, _NONE),
    *(
        Law(
            f"fct_{feed} holds the current rows of the delivered {feed}",
            f"select count(*) from {{fct_{feed}}}",
            f"select coalesce(sum(current_count), 0) from {{reconciliation}} where feed = '{feed}'",
        )
        for feed in ("reports", "decisions")
    ),
    *(
        Law(
            sentence,
            f"select count(*) from {{{source}}} where {condition} and not exists (select 1 from {{{name}}})",
            _NONE,
        )
        for sentence, name, source, condition in (
            (
                "days of the backlog follow dated cases",
                "agg_backlog_daily",
                "fct_cases",
                "coalesce(opened_at, closed_at) is not null",
            ),
            ("reasons follow reports", "agg_report_reasons", "fct_reports", "report_reason is not null"),
            ("weights follow reporters", "reporter_weights", "fct_reports", "reporter_hash is not null"),
        )
    ),
    *(
        Law(f"{name} counts every video once", f"select coalesce(sum({count}), 0) from {{{name}}}", _VIDEOS)
        for name, count in (
            ("agg_videos_by_claim_status", "video_count"),
            ("agg_videos_by_verified_status", "video_count"),
            ("agg_videos_by_author_status", "video_count"),
            ("agg_videos_by_all_statuses", "video_count"),
            ("agg_missingness", "labelled_count + unlabelled_count"),
        )
    ),
)


def require_public_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse a working warehouse that lacks a public table.

    Raises:
        DataError: One is missing.
    """
    found = {
        f"{schema}.{name}"
        for schema, name in connection.execute(
            "select table_schema, table_name from information_schema.tables where table_catalog = 'warehouse'"
        ).fetchall()
    }
    if missing := sorted({contract.relation(name) for name in contract.public_tables()} - found):
        raise DataError(f"The working warehouse lacks {', '.join(missing)}. Run `claims run`, or `claims build`.")


def check_tables(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Refuse tables that are not whole: both audits passed, nothing is lost, and every table is of the same build.

    Args:
        connection: On the staged release.
        settings: Where the deliveries have landed.

    Raises:
        DataError: Something does not hold; the message says what.
    """
    _require_audits(connection)
    _require_deliveries(connection, settings)
    _require_keys(connection)
    _require_laws(connection)
    _require_aggregates(connection)


def check_models(engine: DuckDBEngine, folder: Path) -> None:
    """Refuse a release whose models are not those that wrote its predictions.

    Args:
        engine: On the staged release.
        folder: The models in it.

    Raises:
        DataError: A model that predictions or results name is missing, cannot be loaded, or scores otherwise.
    """
    from ml import predict
    from ml.classifier import registry

    for name, run_id in _written_back(engine):
        model = registry.load(folder, name)
        if model.manifest.model_run_id != run_id:
            raise DataError(
                f"The model for feature set {name} is not the one that wrote the predictions. Run `claims predict`."
            )
        expected = engine.query(
            f"select video_id, claim_probability, decision, decision_reason, baseline_decision "
            f"from {contract.relation('fct_claim_predictions')} where feature_set = $name and not is_out_of_fold "
            f"order by hash(video_id), video_id limit {SCORED_AGAIN}",
            {"name": name},
        )
        if not expected.num_rows:
            continue
        ids = ", ".join(str(video_id) for video_id in expected["video_id"].to_pylist())
        rows = engine.query(
            f"select * from ({predict.asked(engine)}) as asked where video_id in ({ids}) "
            "order by hash(video_id), video_id"
        )
        found = pa.Table.from_batches(
            [predict.score_batch([model], {}, batch) for batch in rows.combine_chunks().to_batches()]
        )
        for column in ("decision", "decision_reason", "baseline_decision"):
            if found[column].to_pylist() != expected[column].to_pylist():
                raise DataError(f"The model for feature set {name} decides otherwise than the predictions say.{_AGAIN}")
        apart = np.abs(found["claim_probability"].to_numpy() - expected["claim_probability"].to_numpy())
        if not (apart <= TOLERANCE).all():
            raise DataError(
                f"The model for feature set {name} scores otherwise than the predictions say: {apart.max():.3g} apart."
                f"{_AGAIN}"
            )


_AGAIN = " Run `claims predict` to write them anew."


def _written_back(engine: DuckDBEngine) -> list[tuple[str, str]]:
    """Feature sets and runs of the models that a release has to hold: those of its predictions and of its results."""
    rows = engine.query(
        f"select distinct feature_set, model_run_id from {contract.relation('fct_claim_predictions')} "
        "where model_run_id is not null "
        f"union select feature_set, model_run_id from {contract.relation('model_runs')} where is_written_back "
        "order by feature_set, model_run_id"
    ).to_pylist()
    return [(row["feature_set"], row["model_run_id"]) for row in rows]


def _require_audits(connection: duckdb.DuckDBPyConnection) -> None:
    audits = audits_of(connection)
    if {"incoming", "outgoing"} - audits.keys():
        raise DataError("The audits have not checked both boundaries. Run `claims audit` before publishing.")
    if failed := [boundary for boundary, counts in audits.items() if counts["critical_count"]]:
        raise DataError(f"The audit of {' and '.join(failed)} data found critical failures. See `claims audit`.")
    relation = contract.relation("reconciliation")
    lost = connection.execute(
        f"select delivery_file_name from {relation} where is_reconciled is distinct from true"
    ).fetchall()
    if lost:
        raise DataError(f"Records of {lost[0][0]} are neither landed nor rejected. See quality.reconciliation.")


def _require_deliveries(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """What has landed and what the tables hold are the same deliveries."""
    landed = {delivery.hash: delivery.file_name for delivery in landed_deliveries(settings)}
    built = {row["sha256"]: row["file_name"] for feed in deliveries_of(connection).values() for row in feed}
    build = "Run `claims run`, or `dbt build` and `claims publish`."
    if absent := [name for sha256, name in landed.items() if sha256 not in built]:
        raise DataError(f"{absent[0]} has landed, but the tables were built without it. {build}")
    if gone := [name for sha256, name in built.items() if sha256 not in landed]:
        raise DataError(f"The tables hold {gone[0]}, which is not among the landed deliveries any more. {build}")


def _require_keys(connection: duckdb.DuckDBPyConnection) -> None:
    keys = {
        contract.relation(name): ", ".join(map(quoted, table.key))
        for name, table in contract.public_tables().items()
        if table.key and name not in OUTSIDE_CHECKSUMS
    }
    queries = [
        f"select {sql_literal(relation)}, count(*) from (select 1 from {relation} group by {key} having count(*) > 1)"
        for relation, key in keys.items()
    ]
    for relation, doubled in connection.execute("\nunion all\n".join(queries)).fetchall():
        if doubled:
            raise DataError(f"{relation} has {doubled:,} keys ({keys[relation]}) more than once. Run `claims run`.")


def _require_laws(connection: duckdb.DuckDBPyConnection) -> None:
    relations = {name: contract.relation(name) for name in contract.public_tables()}
    queries = [f"select {number}, ({law.left}), ({law.right})" for number, law in enumerate(LAWS)]
    found = connection.execute("\nunion all\n".join(queries).format(**relations)).fetchall()
    for number, left, right in sorted(found):
        if left != right:
            raise DataError(
                f"The tables are not of one build: {LAWS[number].sentence}, but {left:,} is not {right:,}. "
                "Run `claims run`."
            )


def _require_aggregates(connection: duckdb.DuckDBPyConnection) -> None:
    """Every aggregate has rows where a labelled video has counts; without any, there is nothing to describe."""
    videos = contract.relation("fct_videos")
    described = f"select 1 from {videos} where label is not null and video_view_count is not null"
    # What rests on a script's result, on dated events or on reports is empty where there are none; a law counts it.
    described_videos = [
        name for name in contract.public_tables() if name.startswith("agg_") and name not in _COUNTED_BY_A_LAW
    ]
    relations = [contract.relation(name) for name in described_videos]
    queries = [
        f"select {sql_literal(relation)} where exists ({described}) and not exists (select 1 from {relation})"
        for relation in relations
    ]
    for (relation,) in connection.execute("\nunion all\n".join(queries)).fetchall():
        raise DataError(f"{relation} is empty though fct_videos is not. Run `claims run`.")
