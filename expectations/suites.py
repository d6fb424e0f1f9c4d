"""What must hold at the two boundaries, as Great Expectations suites in plain Python.

Every expectation is critical (a failure stops publishing) or a warning. Exactness over all rows is the data tests'
job; an audit sees the whole table up to a limit and a sample above it, and says which.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from typing import Literal, NamedTuple

import great_expectations as gx
from great_expectations.core.expectation_suite import ExpectationSuite
from great_expectations.expectations import (
    Expectation,
    ExpectColumnPairValuesAToBeGreaterThanB,
    ExpectColumnValuesToBeBetween,
    ExpectColumnValuesToBeInSet,
    ExpectColumnValuesToBeUnique,
    ExpectColumnValuesToNotBeNull,
    ExpectTableColumnsToMatchSet,
    ExpectTableRowCountToBeBetween,
)
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.expectations.row_conditions import Column

from warehouse import contract

Boundary = Literal["incoming", "outgoing"]
# Nothing beyond it can be stored, and it is no floating-point number.
_LARGEST = 2**63 - 1
# Where a column has a value, another one is needed.
_NEEDED = {
    "reports": (("reported_item", "comment", "comment_id"),),
    "decisions": (("lane", "audit", "selection_probability"),),
}


class Suite(NamedTuple):
    """The expectations on one table at one boundary."""

    boundary: Boundary
    table_name: str
    expectations: Callable[[], list[Expectation]]


def incoming_videos() -> list[Expectation]:
    """What came in: staging, every landed row."""
    columns = [column.name for column in contract.columns("stg_tiktok__videos")]
    critical: list[Expectation] = [
        ExpectTableColumnsToMatchSet(column_set=columns, exact_match=True),
        ExpectTableRowCountToBeBetween(min_value=1),
        ExpectColumnValuesToNotBeNull(column="video_id"),
        ExpectColumnValuesToBeInSet(column="claim_status", value_set=list(contract.categories("claim_status"))),
        *_status_expectations(),
        ExpectColumnValuesToNotBeNull(column="video_duration_sec"),
        ExpectColumnValuesToBeBetween(column="video_duration_sec", min_value=1),
        *(ExpectColumnValuesToBeBetween(column=count, min_value=0) for count in contract.counts().values()),
    ]
    warnings: list[Expectation] = [
        ExpectColumnValuesToBeBetween(column="video_duration_sec", max_value=60, severity=FailureSeverity.WARNING),
        *(
            ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=larger,
                column_B=smaller,
                or_equal=True,
                ignore_row_if="either_value_is_missing",
                severity=FailureSeverity.WARNING,
            )
            for larger, smaller in (
                ("video_view_count", "video_like_count"),
                ("video_like_count", "video_share_count"),
                ("video_like_count", "video_download_count"),
                ("video_download_count", "video_comment_count"),
            )
        ),
    ]
    return critical + warnings


def incoming_events(feed_name: str) -> list[Expectation]:
    """What came in of a feed of events: staging, every landed row, by the feed's declaration. Nothing may have come."""
    feed = contract.feeds()[feed_name]
    critical: list[Expectation] = [
        ExpectTableColumnsToMatchSet(
            column_set=[column.name for column in contract.columns(f"stg_tiktok__{feed_name}")], exact_match=True
        )
    ]
    for column in feed.columns:
        if column.is_required:
            critical.append(ExpectColumnValuesToNotBeNull(column=column.name))
        if column.categories:
            critical.append(ExpectColumnValuesToBeInSet(column=column.name, value_set=list(column.categories)))
        if column.minimum is not None:
            lowest, highest = (_bound(column, bound) for bound in (column.minimum, column.maximum))
            highest = None if highest == _LARGEST else highest
            critical.append(ExpectColumnValuesToBeBetween(column=column.name, min_value=lowest, max_value=highest))
    return critical + [
        ExpectColumnValuesToNotBeNull(
            column=needed,
            row_condition=Column(column) == value,
            severity=FailureSeverity.WARNING,
        )
        for column, value, needed in _NEEDED.get(feed_name, ())
    ]


def _bound(column: contract.FeedColumn, bound: int | str | None) -> int | datetime | None:
    return datetime.fromisoformat(str(bound)) if column.data_type == "timestamp" else bound  # type: ignore[return-value]


def outgoing_predictions() -> list[Expectation]:
    """What goes out: predictions, every current video exactly once."""
    columns = [column.name for column in contract.columns("fct_claim_predictions")]
    return [
        ExpectTableColumnsToMatchSet(column_set=columns, exact_match=True),
        ExpectTableRowCountToBeBetween(min_value=1),
        ExpectColumnValuesToBeUnique(column="video_id"),
        *(
            ExpectColumnValuesToNotBeNull(column=column)
            for column in ("video_id", "feature_set", "claim_probability", "decision", "is_out_of_fold")
        ),
        # Where no model could be trained people decide: that is a warning, and the gate knows whether one stands.
        ExpectColumnValuesToNotBeNull(column="model_run_id", severity=FailureSeverity.WARNING),
        ExpectColumnValuesToBeBetween(column="claim_probability", min_value=0, max_value=1),
        ExpectColumnValuesToBeInSet(column="decision", value_set=["claim", "opinion", "needs_review"]),
        ExpectColumnValuesToBeInSet(
            column="feature_set", value_set=["full", "engagement", "transcript", "metadata", "unscored"]
        ),
    ]


def outgoing_drift() -> list[Expectation]:
    """What goes out: no delivery differs from what the models learned from."""
    return [
        ExpectColumnValuesToBeInSet(column="verdict", value_set=["as_before"], severity=FailureSeverity.WARNING),
    ]


def _status_expectations() -> list[Expectation]:
    return [
        expectation
        for column in ("verified_status", "author_ban_status")
        for expectation in (
            ExpectColumnValuesToNotBeNull(column=column),
            ExpectColumnValuesToBeInSet(column=column, value_set=list(contract.categories(column))),
        )
    ]


SUITES = (
    Suite("incoming", "stg_tiktok__videos", incoming_videos),
    Suite("incoming", "stg_tiktok__reports", partial(incoming_events, "reports")),
    Suite("incoming", "stg_tiktok__decisions", partial(incoming_events, "decisions")),
    Suite("outgoing", "fct_claim_predictions", outgoing_predictions),
    Suite("outgoing", "delivery_drift", outgoing_drift),
)


def as_suite(suite: Suite, absent: Collection[str] = ()) -> ExpectationSuite:
    """Build the Great Expectations object of a suite.

    Args:
        suite: The expectations on a table.
        absent: Columns that a delivery's platform has not: their NULLs are not held against it.
    """
    expectations = [
        expectation
        for expectation in suite.expectations()
        if not (isinstance(expectation, ExpectColumnValuesToNotBeNull) and expectation.column in absent)
    ]
    return gx.ExpectationSuite(name=f"{suite.boundary}_{suite.table_name}", expectations=expectations)
