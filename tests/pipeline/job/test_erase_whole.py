"""`claims erase` from end to end, with models and releases: nothing of it stays, nor after a kill at any moment."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.job import recovery
from pipeline.landing.folder import damaged, landed_deliveries
from pipeline.release import switch
from pipeline.state import durable, ledger
from review.store import Seen, Store
from tests.pipeline.job.planted import BROKEN, DECISIONS, GONE, KEPT, REPORTER, REPORTS, VIDEOS, traces
from tests.pipeline.landing.landing_cases import record
from tests.pipeline.release import faults
from warehouse.duckdb_engine import connect_release
from warehouse.settings import ROOT, Settings

KILLS = 20
ERASE = ("erase", str(GONE), "--reporter", REPORTER, "--reason", "a request", "--yes")
RUN = ("run",)


def start(home: Path, *arguments: str, log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-c", "from pipeline.cli.main import main; main()", *arguments],
            cwd=ROOT,
            env={
                "CLAIMS_HOME": str(home),
                "CLAIMS_REPEATED_SPLITS": "2",
                "CLAIMS_REJECT_LIMIT_SHARE": "1",
                "CLAIMS_IDENTITY_KEY": "the same for every copy",
                "PATH": os.environ["PATH"],
            },
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


def call(home: Path, *arguments: str, log: Path) -> str:
    """Run a command to its end, and what it said."""
    before = log.stat().st_size if log.exists() else 0
    assert start(home, *arguments, log=log).wait() == 0, log.read_text()[before:]
    return log.read_text()[before:]


def published_twice(folder: Path, log: Path, further: list[str]) -> Settings:
    """Two releases that hold the planted records, with a report, decisions and a rejected line about them.

    Args:
        folder: Where deliveries and the home stand.
        log: What the commands say.
        further: Records of other videos.
    """
    settings = faults.settings_of(folder / "var").model_copy(update={"releases_kept": 5})
    for name, lines in (
        ("videos.csv", [*VIDEOS, BROKEN, *further]),
        ("reports.csv", REPORTS),
        ("decisions.csv", DECISIONS),
    ):
        (folder / name).write_text("\n".join(lines) + "\n")
    call(settings.home, *RUN, *(str(folder / f"{feed}.csv") for feed in ("videos", "reports", "decisions")), log=log)
    desk = Store(settings.desk)
    desk.decide("anna", [GONE, KEPT], "claim", Seen())
    call(settings.home, "build", log=log)  # lands the desk's decisions
    call(settings.home, "publish", log=log)
    assert len(switch.list_releases(settings)) == 2
    assert len(traces(settings)) == 4
    return settings


def learnable(count: int) -> list[str]:
    """Records from which a model can tell claims from opinions."""
    chance = random.Random(5)
    return [
        record(
            number,
            status="claim" if number % 2 else "opinion",
            text=f"{'the radio announced' if number % 2 else 'my friends feel'} that {number} is odd",
            views=str(chance.randrange(10_000, 900_000) if number % 2 else chance.randrange(100, 9_000)),
            likes=str(chance.randrange(50, 100)),
        )
        for number in range(100, 100 + count)
    ]


def check_that_it_is_gone(settings: Settings) -> None:
    assert traces(settings) == []
    assert damaged(settings, is_thorough=True) == []
    assert not (settings.home / "erasing").exists()
    assert list(recovery.stale(settings)) == []
    (name,) = switch.list_releases(settings)
    switch.verify(settings, name)
    with connect_release(settings.releases / name, settings) as connection:
        assert connection.execute(f"select count(*) from marts.fct_videos where video_id = {KEPT}").fetchone() == (1,)
        ((erased,),) = connection.execute("select sum(erased_count) from quality.reconciliation").fetchall()
        assert erased == sum(delivery.erased_count for delivery in landed_deliveries(settings))


@pytest.mark.slow
def test_nothing_of_it_stays_in_models_and_releases_and_it_stays_out(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    settings = published_twice(tmp_path, log, learnable(200))
    before = switch.list_releases(settings)
    said = call(settings.home, *ERASE, log=log)
    check_that_it_is_gone(settings)
    assert all(name in said for name in before)
    assert [*settings.current.glob("models/*.skops")]
    ended = [entry for entry in ledger.read(settings.ledger) if entry["step"] == "erase"]
    assert [(entry["status"], entry["row_count"]) for entry in ended] == [("done", 5)]
    (tmp_path / "again.csv").write_text("\n".join([*VIDEOS, BROKEN]) + "\n")
    call(settings.home, "ingest", str(tmp_path / "again.csv"), log=log)
    assert landed_deliveries(settings)[-1].rejected_count == 2
    assert traces(settings) == []
    assert call(settings.home, "verify", log=log)


@pytest.mark.slow
def test_killed_at_random_moments_the_next_run_finishes_it(tmp_path: Path) -> None:
    """On a few videos, of which no model can be learned: then a whole erasure takes the least time."""
    log = tmp_path / "log.txt"
    prepared = published_twice(tmp_path, log, [])
    chance, killed, late = random.Random(20261126), 0, 0
    shutil.copytree(prepared.home, tmp_path / "undisturbed", symlinks=True)
    began = time.monotonic()
    call(tmp_path / "undisturbed", *ERASE, log=log)
    longest_sec = time.monotonic() - began
    check_that_it_is_gone(faults.settings_of(tmp_path / "undisturbed"))
    while killed < KILLS:
        settings = faults.settings_of(tmp_path / "copy")
        shutil.copytree(prepared.home, settings.home, symlinks=True)
        process = start(settings.home, *ERASE, log=log)
        moment_sec = chance.uniform(0.2, 1.0) * longest_sec
        try:
            process.wait(timeout=moment_sec)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
        has_begun = (settings.home / "erasing").exists() or not traces(settings)
        late += has_begun
        call(settings.home, *(RUN if has_begun else ERASE), log=log)
        check_that_it_is_gone(settings)
        durable.remove(settings.home)
    said = f"{killed} erasures killed, {late} of them after the request was written; each was finished by the next run"
    print(said)  # noqa: T201 - shown with -rP
