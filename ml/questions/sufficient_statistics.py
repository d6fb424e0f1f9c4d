"""The SQL that reduces millions of videos to the few whole numbers from which the tests are computed.

Every sum is over whole numbers in `decimal`, so that it is exact: the same rows give the same digits whatever their
order and however many threads add them up.
"""

from decimal import Decimal
from typing import Any

from ml.statistics.moments import EMPTY, Moments
from ml.statistics.rank_tests import RankCounts
from warehouse import contract
from warehouse.errors import UsageError
from warehouse.protocol import Engine

ALL, CLAIM, OPINION = "all", "claim", "opinion"
CLASSES = (CLAIM, OPINION)
STRATA = (ALL, *CLASSES)

CANDIDATE_METRICS = (*contract.counts().values(), contract.metrics()["duration"])
"""Metrics that are always ranked; one more may be asked for."""

EXACT = "decimal(19, 0)"
"""Holds every bigint; products of these have 38 digits on both engines and fail loudly beyond."""

GroupMoments = dict[str, dict[bool, Moments]]
"""Stratum, then whether verified, to moments."""


def require_metric(metric: str) -> str:
    """Accept a whole-number measure of fct_videos.

    Args:
        metric: Name of a column.

    Returns:
        The same name, which is now known to be safe in SQL.

    Raises:
        UsageError: There is no such column, or it does not measure anything.
    """
    known = [
        column.name
        for column in contract.columns("fct_videos")
        if column.data_type == "bigint" and column.name.endswith(("_count", "_sec"))
    ]
    if metric not in known:
        raise UsageError(
            f"{metric!r} is not a measure of fct_videos that can be tested; choose one of {', '.join(known)}."
        )
    return metric


def read_moments(engine: Engine, metrics: tuple[str, ...], relation: str | None = None) -> dict[str, GroupMoments]:
    """Moments of every metric by stratum and group, in one scan.

    Args:
        engine: The warehouse.
        metrics: Columns that `require_metric` accepts.
        relation: Table to read; fct_videos by default.

    Returns:
        Metric, then stratum, then whether verified, to moments of the labelled videos that have the metric.
    """
    sums = ", ".join(
        f"count({metric}) as {metric}_rows, "
        f"sum(cast({metric} as {EXACT})) as {metric}_total, "
        f"sum(cast({metric} as {EXACT}) * cast({metric} as {EXACT})) as {metric}_squares"
        for metric in metrics
    )
    cells = engine.query(
        f"select is_verified, label, {sums} from {relation or contract.relation('fct_videos')} "
        "where label is not null and is_verified is not null group by is_verified, label"
    ).to_pylist()
    found: dict[str, GroupMoments] = {
        metric: {stratum: {False: EMPTY, True: EMPTY} for stratum in STRATA} for metric in metrics
    }
    for cell in cells:
        for metric in metrics:
            moments = Moments(*(_whole(cell[f"{metric}_{part}"]) for part in ("rows", "total", "squares")))
            for stratum in (ALL, cell["label"]):
                groups = found[metric][stratum]
                groups[cell["is_verified"]] = groups[cell["is_verified"]].merge(moments)
    return found


def read_rank_counts(engine: Engine, metric: str, relation: str | None = None) -> dict[str, RankCounts]:
    """Exact rank counts of one metric by stratum: one grouped scan, one sort of the distinct values.

    Args:
        engine: The warehouse.
        metric: A column that `require_metric` accepts.
        relation: Table to read; fct_videos by default.

    Returns:
        Stratum to rank counts; the first group is not verified, the second verified.
    """
    (row,) = engine.query(rank_counts_sql(metric, relation or contract.relation("fct_videos"))).to_pylist()
    return {
        stratum: RankCounts(*(_whole(row[f"{stratum}_{field}"]) for field in RankCounts._fields)) for stratum in STRATA
    }


def rank_counts_sql(metric: str, relation: str) -> str:
    """SQL whose single row holds the fields of `RankCounts` for each stratum, as `<stratum>_<field>`.

    Args:
        metric: A column that `require_metric` accepts.
        relation: Table to read.

    Returns:
        One SELECT.
    """
    cells = [f"{stratum}_{group}" for stratum in CLASSES for group in ("first", "second")]
    counted = ", ".join(
        f"count(case when label = '{stratum}' and {'not ' if group == 'first' else ''}is_verified then 1 end) "
        f"as {stratum}_{group}"
        for stratum in CLASSES
        for group in ("first", "second")
    )
    running = ", ".join(
        f"sum({cell}) over (order by metric_value rows between unbounded preceding and current row) as {cell}_up_to, "
        f"sum({cell}) over () as {cell}_total"
        for cell in cells
    )
    # Rows of the group below a value minus rows above it: up to it twice, less its own, less all.
    net = ", ".join(
        f"cast({cell} as {EXACT}) as {cell}, cast(2 * {cell}_up_to - {cell} - {cell}_total as {EXACT}) as {cell}_net"
        for cell in cells
    )
    together = ", ".join(
        f"cast({' + '.join(f'{stratum}_{part}' for stratum in CLASSES)} as {EXACT}) as {ALL}_{part}"
        for part in ("first", "second", "first_net", "second_net")
    )
    return (
        f"with counted as (select {metric} as metric_value, {counted} from {relation} "
        f"where label is not null and is_verified is not null and {metric} is not null group by {metric}), "
        f"running as (select counted.*, {running} from counted), "
        f"net as (select {net} from running), "
        f"combined as (select net.*, {together} from net) "
        f"select {', '.join(_aggregates(stratum) for stratum in STRATA)} from combined"
    )


def _aggregates(stratum: str) -> str:
    first, second = f"{stratum}_first", f"{stratum}_second"
    tied = f"cast({first} + {second} as {EXACT})"
    expressions = {
        "first_count": first,
        "second_count": second,
        "dominance": f"{first} * {second}_net",
        "tied_pairs": f"{first} * {second}",
        "tie_cubes": f"{tied} * {tied} * {tied} - {tied}",
        "first_dominance_squares": f"{first} * {second}_net * {second}_net",
        "second_dominance_squares": f"{second} * {first}_net * {first}_net",
    }
    return ", ".join(f"sum({expression}) as {stratum}_{field}" for field, expression in expressions.items())


def _whole(value: Any) -> int:
    """An exact sum as a Python integer; the sum of no rows is zero."""
    return int(value if isinstance(value, Decimal) else value or 0)
