"""Which engine holds the working warehouse: the one place that knows all of them."""

from warehouse.protocol import Engine
from warehouse.settings import Settings


def open_engine(settings: Settings, *, read_only: bool = False) -> Engine:
    """Open the working warehouse of the target that the settings name.

    Args:
        settings: Where the warehouse is.
        read_only: Do not lock out other readers.

    Returns:
        An engine; close it, or use it as a context manager.

    Raises:
        UsageError: The target is Spark and its extra or Java is not installed.
        WarehouseError: The warehouse is locked, missing or broken, or Spark does not answer.
    """
    if settings.target == "spark":
        from warehouse.spark.engine import SparkEngine

        return SparkEngine.open(settings)
    from warehouse.duckdb_engine import DuckDBEngine

    return DuckDBEngine.open(settings, read_only=read_only)
