"""One answer on two engines: the comparison that defines what a mart or a result table has to be on Spark."""

import math
from typing import Any

import pyarrow as pa

RELATIVE_TOLERANCE = 1e-9
# The order of additions differs between engines; near zero a relative tolerance means nothing.
ABSOLUTE_TOLERANCE = 1e-12


def differences(ours: pa.Table, theirs: pa.Table, limit: int = 5) -> list[str]:
    """What tells two tables apart, whatever the order of their rows: exact but for doubles."""
    if ours.column_names != theirs.column_names:
        return [f"columns {ours.column_names} and {theirs.column_names}"]
    if ours.num_rows != theirs.num_rows:
        return [f"{ours.num_rows} and {theirs.num_rows} rows"]
    found = []
    for left, right in zip(_ordered(ours), _ordered(theirs), strict=True):
        for name, value in left.items():
            if not _is_same(value, right[name]):
                found.append(f"{name}: {value!r} and {right[name]!r} in {left}")
                if len(found) == limit:
                    return found
    return found


def _ordered(table: pa.Table) -> list[dict[str, Any]]:
    """Rows by all their values; a double, which may be part of the key, by its first digits."""
    rows: list[dict[str, Any]] = table.to_pylist()
    return sorted(rows, key=lambda row: [(value is not None, _sortable(value)) for value in row.values()])


def _sortable(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _is_same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, float) and isinstance(theirs, float):
        if math.isnan(ours) or math.isnan(theirs):
            return math.isnan(ours) and math.isnan(theirs)
        return math.isclose(ours, theirs, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)
    return type(ours) is type(theirs) and bool(ours == theirs)
