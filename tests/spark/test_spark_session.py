"""Where there is no Spark, one sentence says what to do. Needs neither Java nor PySpark."""

import socket

import pytest

from warehouse.errors import UsageError, WarehouseError
from warehouse.factory import open_engine
from warehouse.settings import Settings
from warehouse.spark import session


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    for name in ("SPARK_REMOTE", "SPARK_CONF_DIR", "PYSPARK_SUBMIT_ARGS", "JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    return Settings(home=tmp_path / "a home", target="spark")


def test_without_the_extra(settings, monkeypatch) -> None:
    monkeypatch.setattr(session, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="make setup EXTRAS=spark"):
        open_engine(settings)


def test_without_java(settings, monkeypatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UsageError, match="needs Java 17"):
        session.require_server()


def test_a_server_that_does_not_answer(monkeypatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("SPARK_REMOTE", f"sc://127.0.0.1:{port}/;user_id=ada")
    with pytest.raises(WarehouseError, match=f"{port}.*does not answer.*stays as it was"):
        session.require_server()


def test_a_server_that_listens(monkeypatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("SPARK_REMOTE", f"sc://127.0.0.1:{server.getsockname()[1]}")
        session.require_server()


def test_the_callers_environment_wins(settings, monkeypatch) -> None:
    ours = session.environment(settings)
    assert (
        f"'--conf' 'spark.sql.warehouse.dir={settings.home}/spark/warehouse'".replace("'--conf'", "--conf")
        in (ours["PYSPARK_SUBMIT_ARGS"])
    )
    assert ours["CLAIMS_HOME"] == str(settings.home)
    monkeypatch.setenv("SPARK_CONF_DIR", "/etc/spark")
    assert session.environment(settings)["SPARK_CONF_DIR"] == "/etc/spark"
