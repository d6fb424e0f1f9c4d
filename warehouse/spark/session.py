"""Opens the one Spark session that dbt and the engine share, local or on a cluster, as the environment says."""

import os
import shlex
import shutil
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from warehouse.errors import UsageError, WarehouseError
from warehouse.settings import ROOT, Settings, environment_with

# A client that loses its server gives up after half a minute; its own default is ten (PySpark 4.3).
RETRIES = 5
CONTACT_SEC = 5.0
CONNECT_PORT = 15002


def environment(settings: Settings) -> dict[str, str]:
    """The variables of a Spark of our own; whatever the caller has set itself wins.

    Args:
        settings: Where Spark may write.

    Returns:
        Variables that Spark, dbt and `scripts/spark-cluster` read.
    """
    home = settings.home / "spark"
    options = [
        *("--conf", f"spark.sql.warehouse.dir={home / 'warehouse'}"),
        *("--driver-java-options", f"-Dderby.system.home={home / 'metastore'}"),
        "pyspark-shell",
    ]
    defaults = {
        "SPARK_CONF_DIR": str(ROOT / "conf"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(home / "scratch"),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": shlex.join(options),
    }
    return {**settings.environment, **{name: os.environ.get(name, value) for name, value in defaults.items()}}


def session(settings: Settings) -> Any:
    """The process's Spark session; started when there is none.

    Args:
        settings: Where a local Spark may write.

    Returns:
        A `pyspark.sql.SparkSession`, classic or Connect.

    Raises:
        UsageError: PySpark or, for a local Spark, Java is not installed.
        WarehouseError: The Connect server does not answer, or Spark does not start.
    """
    if find_spec("pyspark") is None:
        raise UsageError("Spark is an extra: run `make setup EXTRAS=spark`, or EXTRAS=spark-client for a cluster.")
    require_server()
    # PySpark 4.3 says so whenever it imports pandas; the Arrow paths, the only ones used here, do support it.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    # dbt-spark asks each session for Hive (1.11); a Connect server has decided that at its own start.
    warnings.filterwarnings("ignore", "Failed to set spark.sql.catalogImplementation", UserWarning)
    # The error that follows says it.
    warnings.filterwarnings("ignore", r"\[RETRIES_EXCEEDED\]", UserWarning)
    (settings.home / "spark").mkdir(parents=True, exist_ok=True)
    with environment_with(environment(settings)):
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession

        try:
            if remote() is not None:
                started = SparkSession.builder.getOrCreate()
                _give_up_early(started)
            else:
                with _stderr_to(settings.home / "spark" / "spark.log"):
                    started = SparkSession.builder.enableHiveSupport().getOrCreate()
        except PySparkException as error:
            log = settings.home / "spark" / "spark.log"
            raise WarehouseError(f"Spark did not start: {error}. Its own words are in {log}.") from error
    # DuckDB's meaning: what cannot be cast is NULL, a timestamp has no zone.
    started.conf.set("spark.sql.ansi.enabled", "false")
    started.conf.set("spark.sql.timestampType", "TIMESTAMP_NTZ")
    return started


def remote() -> str | None:
    """The Connect address in `SPARK_REMOTE`, if one is set."""
    return os.environ.get("SPARK_REMOTE") or None


def require_server() -> None:
    """Fail at once, with one sentence, where nothing can run: no server behind `SPARK_REMOTE`, or no Java.

    Raises:
        UsageError: A local Spark is wanted and there is no Java.
        WarehouseError: Nobody listens at the address.
    """
    address = remote()
    if address is None or address.startswith("local"):
        java_home = os.environ.get("JAVA_HOME")
        if shutil.which("java") is None and not (java_home and Path(java_home, "bin", "java").exists()):
            raise UsageError("A local Spark needs Java 17: install it, or name a Connect server in SPARK_REMOTE.")
        return
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname or "", parts.port or CONNECT_PORT), timeout=CONTACT_SEC).close()
    except OSError as error:
        raise WarehouseError(
            f"The Spark Connect server at {address} does not answer ({error}). What is published stays as it was. "
            "Start the server, or correct SPARK_REMOTE, then run the command again."
        ) from error


def _give_up_early(started: Any) -> None:
    from pyspark.sql.connect.client.retries import DefaultPolicy

    started.client.set_retry_policies([DefaultPolicy(max_retries=RETRIES)])


@contextmanager
def _stderr_to(log: Path) -> Iterator[None]:
    """Let a JVM that is started meanwhile speak to a file for the rest of its life."""
    sys.stderr.flush()
    screen = os.dup(2)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(screen, 2)
            os.close(screen)
