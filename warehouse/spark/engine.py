"""The engine protocol on Spark, classic or Connect: the only place that knows PySpark's data frames."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from warehouse import contract
from warehouse.errors import WarehouseError
from warehouse.protocol import BatchFunction
from warehouse.settings import Settings
from warehouse.spark import session


class SparkEngine:
    """The engine protocol on one Spark session, which outlives the engine: starting Spark takes longer than a step."""

    def __init__(self, session: Any) -> None:
        """Wrap a running session."""
        self.session = session

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open the working schemas on the Spark that the environment names."""
        return cls(session.session(settings))

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """Run one SELECT and return its rows (see `Engine.query`)."""
        with _clear_errors():
            return self._frame(sql, parameters).toArrow()

    def execute(self, sql: str) -> None:
        """Run one statement that returns nothing."""
        with _clear_errors():
            self.session.sql(sql).collect()

    def map_batches(self, sql: str, function: BatchFunction, schema: pa.Schema, into: str) -> int:
        """Run a function on the executors, over the rows of a SELECT (see `Engine.map_batches`)."""
        from pyspark.sql.pandas.types import from_arrow_schema

        with _clear_errors():
            mapped = self._frame(sql).mapInArrow(function, from_arrow_schema(schema))
            self._replace(mapped, into)
            return self.count(contract.relation(into))

    def write(self, table: pa.Table, into: str) -> None:
        """Replace a result table by these rows (see `Engine.write`)."""
        with _clear_errors():
            self._replace(self.session.createDataFrame(contract.conform(table, into)), into)

    def count(self, relation: str) -> int:
        """Rows of a relation whose name comes from the contract."""
        rows = self.query(f"select count(*) as row_count from {relation}").to_pylist()  # noqa: S608 - see above
        return int(rows[0]["row_count"])

    def relations(self) -> set[str]:
        """The two-part names of all tables and views in the public schemas (see `Engine.relations`)."""
        present = self.schemas().intersection(contract.public_schemas())
        return {f"{schema}.{name}" for schema in present for name in self.relations_in(schema)}

    def relations_in(self, schema: str) -> set[str]:
        """Names of the tables and views of one schema."""
        return {row["tableName"] for row in self.query(f"show tables in {schema}").to_pylist()}

    def views(self, schema: str) -> set[str]:
        """Two-part names of the views of one schema."""
        return {f"{schema}.{row['viewName']}" for row in self.query(f"show views in {schema}").to_pylist()}

    def schemas(self) -> set[str]:
        """Names of all schemas."""
        return {row["namespace"] for row in self.query("show schemas").to_pylist()}

    def close(self) -> None:
        """Leave the session to the next step; it ends with the process."""

    def _frame(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        named = re.sub(r"\$(\w+)", lambda found: _spark_name(found, parameters or {}), sql)
        return self.session.sql(named, args=dict(parameters or {}))

    def _replace(self, frame: Any, into: str) -> None:
        relation = contract.relation(into)
        columns = [
            f"cast(`{column.name}` as {column.data_type}) as `{column.name}`" for column in contract.columns(into)
        ]
        self.execute(f"create schema if not exists {relation.split('.')[0]}")
        frame.selectExpr(*columns).write.mode("overwrite").saveAsTable(relation)

    def __enter__(self) -> Self:
        """Return the engine itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the session to the next step."""
        self.close()


def _spark_name(found: re.Match[str], parameters: Mapping[str, Any]) -> str:
    """Our SQL says `$name`, Spark's `:name`; what is no parameter stays."""
    return f":{found[1]}" if found[1] in parameters else found[0]


@contextmanager
def _clear_errors() -> Iterator[None]:
    """Tell a Spark that is gone from a wrong query."""
    try:
        yield
    except Exception as error:
        # By name: a client of a Connect server has no Py4J.
        if type(error).__name__ == "Py4JNetworkError":
            raise WarehouseError(
                "Spark's Java process has ended. What is published stays as it was; run the command again."
            ) from error
        # Whoever asks a dead server gets one of many errors: ask whether it is dead.
        session.require_server()
        raise
