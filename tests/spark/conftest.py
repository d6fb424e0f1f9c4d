"""A Spark of the tests' own: one Java process, and one folder that it writes to."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from warehouse.settings import ROOT, Settings

SMALL = """
# Compiling a query takes longer than reading a few hundred rows.
spark.sql.codegen.wholeStage     false
spark.sql.adaptive.enabled       false
spark.sql.shuffle.partitions     1
spark.default.parallelism        1
"""


@pytest.fixture(scope="session")
def spark() -> None:
    """Skip, with the reason, where there is no Spark."""
    if find_spec("pyspark") is None:
        pytest.skip("the spark extra is not installed: make setup EXTRAS=spark")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("there is no Java: install Java 17")


@pytest.fixture(scope="session")
def spark_settings(spark: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a local Spark for small data, started once for all tests."""
    folder = tmp_path_factory.mktemp("spark")
    shutil.copytree(ROOT / "conf", folder / "conf")
    with (folder / "conf" / "spark-defaults.conf").open("a") as file:
        file.write(SMALL)
    settings = Settings(home=folder / "var", target="spark", lock_wait_sec=5)
    before = dict(os.environ)
    os.environ.pop("SPARK_REMOTE", None)
    os.environ["SPARK_CONF_DIR"] = str(folder / "conf")
    os.environ["JAVA_TOOL_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=256m"
    from warehouse.spark.session import session

    session = session(settings)
    try:
        yield settings
    finally:
        session.stop()
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="session")
def identity_key() -> Iterator[None]:
    """One key for both engines: Spark reads none from the home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLAIMS_IDENTITY_KEY", "parity")
        yield


def copy_landing(source: Settings, target: Settings) -> None:
    """Give Spark the very files that DuckDB reads."""
    shutil.rmtree(target.landing, ignore_errors=True)
    shutil.copytree(source.landing, target.landing)


def folder_of(settings: Settings, name: str) -> Path:
    """A folder below the home of the settings, made."""
    folder = settings.home / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
