"""The one small protocol through which scripts, audits and reports reach the data, whatever engine holds it."""

from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Protocol, Self

import pyarrow as pa

BatchFunction = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


class Engine(Protocol):
    """A connection to the warehouse: SQL in, Arrow out."""

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """Run one SELECT and return its rows.

        Args:
            sql: Portable SQL; values stand as `$name`.
            parameters: The value of each `$name`.

        Returns:
            The rows; the caller asks only for aggregates or bounded samples.
        """
        ...

    def map_batches(self, sql: str, function: BatchFunction, schema: pa.Schema, into: str) -> int:
        """Stream the rows of a SELECT through a function into a table of the warehouse.

        Args:
            sql: Portable SQL without parameters.
            function: Takes and yields Arrow batches, one at a time, in any number.
            schema: Schema of the batches it yields.
            into: Name of a result table in the contract; it is replaced.

        Returns:
            The number of rows written.
        """
        ...

    def write(self, table: pa.Table, into: str) -> None:
        """Replace a result table by these rows.

        Args:
            table: Rows in the columns of the contract, in any order.
            into: Name of a result table in the contract.
        """
        ...

    def relations(self) -> set[str]:
        """The two-part names of all tables and views in the contract's public schemas."""
        ...

    def close(self) -> None:
        """Give the connection and its lock back."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
