"""Runs the suites of one boundary, keeps the results as a table and says whether the data may pass."""

import json
import logging
from collections.abc import Collection
from typing import Any, NamedTuple

import great_expectations as gx
import pandas as pd
from great_expectations.data_context.types.base import ProgressBarsConfig

from expectations.suites import SUITES, Boundary, Suite, as_suite
from warehouse import contract
from warehouse.protocol import Engine
from warehouse.sampling import hashed_sample

EXAMPLES = 5


class AuditResult(NamedTuple):
    """One checked expectation."""

    boundary: str
    expectation_number: int
    table_name: str
    expectation: str
    column_name: str | None
    severity: str
    is_successful: bool
    checked_count: int
    unexpected_count: int
    example: str

    @property
    def is_blocking(self) -> bool:
        """Whether it stops publishing. Great Expectations fails a suite on warnings too, so the gate is ours."""
        return not self.is_successful and self.severity == "critical"


def run_audit(engine: Engine, boundary: Boundary, sample_rows: int) -> list[AuditResult]:
    """Check one boundary and write the results beside those of the other.

    Args:
        engine: The working warehouse.
        boundary: `incoming` or `outgoing`.
        sample_rows: Above this many rows an md5-ordered sample of that size is checked.

    Returns:
        One result per expectation.
    """
    absent = engine.query(
        f"select distinct column_name from {contract.relation('ingest_repairs')} where repair_kind = 'absent_column'"
    ).to_pylist()
    results = [
        result
        for suite in SUITES
        if suite.boundary == boundary
        for result in check(
            suite,
            _frame(engine, suite.table_name, sample_rows),
            {row["column_name"] for row in absent} if boundary == "incoming" else (),
        )
    ]
    # A suite counts its own from 1.
    results = [result._replace(expectation_number=number) for number, result in enumerate(results, start=1)]
    kept = engine.query(
        f"select * from {contract.relation('audit_results')} where boundary <> $boundary "
        "order by boundary, expectation_number",
        {"boundary": boundary},
    ).to_pylist()
    engine.write(contract.from_rows(kept + [result._asdict() for result in results], "audit_results"), "audit_results")
    return results


def check(suite: Suite, frame: pd.DataFrame, absent: Collection[str] = ()) -> list[AuditResult]:
    """Check one suite against a frame.

    Args:
        suite: The expectations.
        frame: Rows of the suite's table.
        absent: Columns that the platform of a delivery has not.

    Returns:
        One result per expectation, in the suite's order.
    """
    # Great Expectations 1.24 turns warnings into log lines for the whole process; ours stay warnings.
    logging.captureWarnings(False)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset(suite.table_name)
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    outcome = batch.validate(
        as_suite(suite, absent), result_format={"result_format": "BASIC", "partial_unexpected_count": EXAMPLES}
    )
    by_identity = {json.dumps(_identity(result), sort_keys=True, default=str): result for result in outcome.results}
    ordered = sorted(by_identity.items())
    return [_as_result(suite, number, result, len(frame)) for number, (_, result) in enumerate(ordered, start=1)]


def _identity(result: Any) -> dict[str, Any]:
    configuration = result.expectation_config
    arguments = {key: value for key, value in configuration.kwargs.items() if key != "batch_id"}
    return {"type": configuration.type, **arguments}


def _as_result(suite: Suite, number: int, result: Any, row_count: int) -> AuditResult:
    identity = _identity(result)
    details = result.result or {}
    return AuditResult(
        boundary=suite.boundary,
        expectation_number=number,
        table_name=suite.table_name,
        expectation=_in_words(identity),
        column_name=identity.get("column") or identity.get("column_A"),
        severity=str(getattr(result.expectation_config.severity, "value", result.expectation_config.severity)),
        is_successful=bool(result.success),
        checked_count=row_count,
        unexpected_count=int(details.get("unexpected_count") or 0),
        example=json.dumps(details.get("partial_unexpected_list") or [], default=str),
    )


def _in_words(identity: dict[str, Any]) -> str:
    """Turn `expect_column_values_to_be_between` and its arguments into a phrase."""
    if identity["type"] == "expect_column_pair_values_a_to_be_greater_than_b":
        least = "at least" if identity.get("or_equal") else "more than"
        return f"{identity['column_A']} to be {least} {identity['column_B']}"
    arguments = ", ".join(
        f"{key} {value}"
        for key, value in identity.items()
        if key not in {"type", "column", "column_set", "ignore_row_if", "row_condition"} and value is not None
    )
    phrase = identity["type"].removeprefix("expect_").replace("_", " ")
    if condition := identity.get("row_condition"):
        phrase += f" where {condition['column']['name']} is {condition['parameter']}"
    return f"{phrase} ({arguments})" if arguments else phrase


def _frame(engine: Engine, table_name: str, sample_rows: int) -> pd.DataFrame:
    relation = contract.relation(table_name)
    count = engine.query(f"select count(*) as row_count from {relation}").to_pylist()[0]["row_count"]
    sql = f"select * from {relation}"
    if count > sample_rows:
        sql = hashed_sample("*", relation, sample_rows, count)
    frame: pd.DataFrame = engine.query(sql).to_pandas()
    return frame
