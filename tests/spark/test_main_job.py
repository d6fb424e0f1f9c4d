"""The main job on Spark, from files to a release: local, on a cluster, and on a cluster that loses a part (minutes)."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from pipeline.landing.synthetic import write_synthetic
from pipeline.state import ledger
from tests.conftest import REPEATED_SPLITS, TWIN_ROWS
from tests.spark.parity import differences
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.settings import ROOT, Settings

pytestmark = [pytest.mark.spark, pytest.mark.slow, pytest.mark.usefixtures("spark")]

# The ledger and its table hold time.
NOT_COMPARED = {"run_ledger"}
CLAIMS = ROOT / ".venv" / "bin" / "claims"


def variables(settings: Settings, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLAIMS_", "SPARK_", "PYSPARK_"))}
    ours = {"CLAIMS_HOME": str(settings.home), "CLAIMS_REPEATED_SPLITS": str(REPEATED_SPLITS), "NO_COLOR": "1"}
    return {**kept, **ours, **more}


def start(settings: Settings, *arguments: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [CLAIMS, "run", "--target", "spark", *arguments],
        env=variables(settings, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def succeed(process: subprocess.Popen[str]) -> None:
    output, _ = process.communicate(timeout=3000)
    assert process.returncode == 0, output
    assert "Warning" not in output


def assert_same_release(ours: Settings, theirs: Settings) -> None:
    with DuckDBEngine.open_release(ours) as left, DuckDBEngine.open_release(theirs) as right:
        found = {
            name: differences(
                left.query(f"from {contract.relation(name)}"), right.query(f"from {contract.relation(name)}")
            )
            for name in contract.public_tables()
            if name not in NOT_COMPARED
        }
    assert not {name: lines for name, lines in found.items() if lines}


def test_the_twin(built_warehouse: Settings, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var")
    succeed(start(settings, CLAIMS_SYNTHETIC_ROWS=str(TWIN_ROWS), TIKTOK_CSV=""))
    assert_same_release(built_warehouse, settings)


def test_the_published_dataset(real_warehouse: Settings, real_csv: Path, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var")
    succeed(start(settings, str(real_csv)))
    assert_same_release(real_warehouse, settings)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path / "var", target="spark")
    settings.home.mkdir()
    return settings


@pytest.fixture
def delivery(built_warehouse: Settings) -> Path:
    """The file that `built_warehouse` has landed."""
    (path,) = (built_warehouse.home / "synthetic").glob("*.csv")
    return path


def free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


class Cluster:
    """A cluster of the test's own, by the script that people use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ports = {"CLAIMS_SPARK_MASTER_PORT": free_port(), "CLAIMS_SPARK_CONNECT_PORT": free_port()}
        self.remote = f"sc://127.0.0.1:{self.ports['CLAIMS_SPARK_CONNECT_PORT']}"

    def call(self, verb: str) -> None:
        subprocess.run(
            [ROOT / "scripts" / "spark-cluster", verb],
            env=variables(self.settings, **self.ports),
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=300,
        )

    def process(self, name: str) -> psutil.Process:
        return psutil.Process(int((self.settings.home / "spark" / "pids" / name).read_text()))

    def kill(self, name: str) -> None:
        """SIGKILL, to it and to what it has started: a machine that is gone."""
        process = self.process(name)
        for child in [*process.children(recursive=True), process]:
            child.send_signal(signal.SIGKILL)


@pytest.fixture
def cluster(settings: Settings) -> Iterator[Cluster]:
    cluster = Cluster(settings)
    cluster.call("start")
    try:
        yield cluster
    finally:
        cluster.call("stop")


def wait_for(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.1)


def is_at(settings: Settings, step: str) -> bool:
    try:
        return json.loads((settings.home / "run.json").read_text())["step"] == step
    except (FileNotFoundError, json.JSONDecodeError):
        return False


def has_python(cluster: Cluster, name: str) -> bool:
    """Whether a worker is running our function."""
    children = cluster.process(name).children(recursive=True)
    return any("pyspark" in " ".join(child.cmdline()) for child in children if child.is_running())


def is_building(settings: Settings, node: str) -> bool:
    log = settings.home / "dbt" / "logs" / "dbt.log"
    return log.exists() and f"START sql table model marts.{node}" in log.read_text()


def test_a_worker_dies_in_the_build_and_another_in_the_prediction(
    built_warehouse: Settings, delivery: Path, settings: Settings, cluster: Cluster
) -> None:
    process = start(settings, str(delivery), SPARK_REMOTE=cluster.remote)
    wait_for(lambda: is_building(settings, "agg_column_profile"), process)
    cluster.kill("worker-2")
    succeed(process)
    # As the twin's own warehouse, but delivered by hand.
    assert_same_predictions(built_warehouse, settings)
    cluster.call("stop")
    cluster.call("start")
    process = start(settings, str(delivery), SPARK_REMOTE=cluster.remote)
    wait_for(lambda: is_at(settings, "predict"), process)
    wait_for(lambda: has_python(cluster, "worker-1") or has_python(cluster, "worker-2"), process)
    cluster.kill("worker-1" if has_python(cluster, "worker-1") else "worker-2")
    succeed(process)
    assert_same_predictions(built_warehouse, settings)


def assert_same_predictions(ours: Settings, theirs: Settings) -> None:
    """Every table but those that say whether a delivery is synthetic."""
    with DuckDBEngine.open_release(ours) as left, DuckDBEngine.open_release(theirs) as right:
        for name in ("agg_column_profile", "statistical_results", "claim_predictions", "fct_review_queue"):
            sql = f"from {contract.relation(name)}"
            assert differences(left.query(sql), right.query(sql)) == [], name


def published_count(settings: Settings, cluster: Cluster) -> int:
    """What a reader on Spark sees, in a process of its own: one process speaks to one Spark."""
    script = (
        "from warehouse.factory import open_engine; from warehouse.settings import load_settings\n"
        "with open_engine(load_settings(target='spark')) as engine:\n"
        "    print(engine.query('select count(*) as n from published_marts.fct_videos').to_pylist()[0]['n'])"
    )
    shown = subprocess.run(
        [ROOT / ".venv" / "bin" / "python", "-c", script],
        env=variables(settings, SPARK_REMOTE=cluster.remote),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return int(shown.stdout)


def test_the_connect_server_dies(tmp_path: Path, settings: Settings, cluster: Cluster) -> None:
    delivery = tmp_path / "delivery.csv"
    write_synthetic(delivery, 1_000, 3)
    succeed(start(settings, str(delivery), SPARK_REMOTE=cluster.remote))
    release = settings.current.resolve()
    write_synthetic(tmp_path / "next.csv", 1_000, 4)
    (settings.home / "dbt" / "logs" / "dbt.log").unlink()
    process = start(settings, str(tmp_path / "next.csv"), SPARK_REMOTE=cluster.remote)
    wait_for(lambda: is_building(settings, "fct_videos"), process)
    cluster.kill("connect")
    output, _ = process.communicate(timeout=600)
    assert process.returncode == 3, output
    assert "does not answer" in output
    assert "What is published stays as it was" in output
    assert ledger.read(settings.ledger)[-1]["status"] == "failed"
    assert settings.current.resolve() == release
    cluster.call("stop")
    cluster.call("start")
    assert published_count(settings, cluster) == 1_000
    succeed(start(settings, SPARK_REMOTE=cluster.remote, TIKTOK_CSV=str(tmp_path / "next.csv")))
    assert published_count(settings, cluster) == 2_000
    assert settings.current.resolve() != release
    # Back to the first release: readers on Spark and of the files see it at once.
    back = [CLAIMS, "rollback", "--target", "spark"]
    subprocess.run(back, env=variables(settings, SPARK_REMOTE=cluster.remote), check=True, timeout=300)
    assert published_count(settings, cluster) == 1_000
    assert settings.current.resolve() == release
