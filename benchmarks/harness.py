"""Runs contenders in processes of their own, in turn, and says how long they took and how much memory they held."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from warehouse.settings import ROOT

# Looking at a process tree costs a few milliseconds of a core: seldom enough not to be measured.
SHORTEST_POLL_SEC, LONGEST_POLL_SEC = 0.02, 0.25


class Plan(NamedTuple):
    """What one call of a family measures."""

    rows: int
    repeats: int
    grid_folds: int = 0
    """Folds of the published grid searches to fit; none by default, since all five take ten minutes."""


class Contender(NamedTuple):
    """One way of doing the work."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = {}
    before: Callable[[], None] = lambda: None
    """Puts things back before each run; not timed."""
    address_space_bytes: int | None = None
    """Limit of the process's address space (`ulimit -v`); none by default."""


class Sample(NamedTuple):
    """One run of one contender."""

    wall_sec: float
    """From start to exit of the process, its imports included."""
    work_sec: float
    """What the contender timed itself, without imports; the wall time where it timed nothing."""
    cpu_sec: float
    """User and system time of the process tree."""
    peak_bytes: int
    """Largest resident memory of the process and its children together."""
    answer: Any = None
    """What the contender found, for comparison."""


class FailedError(Exception):
    """A contender did not end well."""


def work(function: str, **arguments: Any) -> list[str]:
    """The command that runs one function of this package alone in a process.

    Args:
        function: For example `benchmarks.with_polars:ingest`; it returns what it found, with its own seconds
            (`Timed`) where it prepares something first.
        **arguments: Passed on as JSON.

    Returns:
        A command for a contender.
    """
    main = "from benchmarks.contender import main; main()"
    return [sys.executable, "-c", main, function, json.dumps(arguments)]


def claims(*arguments: object) -> list[str]:
    """The command that calls the product as a person does."""
    return [str(Path(sys.executable).with_name("claims")), *map(str, arguments)]


def run_once(contender: Contender) -> Sample:
    """Run one contender and watch it.

    Args:
        contender: What to run.

    Returns:
        Its times and its peak of memory.

    Raises:
        FailedError: The process ended with an error; the message holds its last words.
    """
    contender.before()
    command = [*contender.command]
    if contender.address_space_bytes is not None:
        command = ["prlimit", f"--as={contender.address_space_bytes}", *command]
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        answer_file = Path(scratch) / "answer.json"
        environment = {**os.environ, **contender.environment, "BENCH_ANSWER": str(answer_file)}
        with (Path(scratch) / "output").open("w+b") as output:
            clock = time.perf_counter()
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
            peak_bytes, cpu_sec = _watch(process)
            wall_sec = time.perf_counter() - clock
            if process.returncode != 0:
                output.seek(0)
                words = output.read().decode(errors="replace").strip()[-1500:]
                raise FailedError(f"{contender.name} ended with {process.returncode}: {words}")
        told = json.loads(answer_file.read_text()) if answer_file.exists() else {}
    return Sample(wall_sec, told.get("work_sec", wall_sec), cpu_sec, peak_bytes, told.get("answer"))


def _watch(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Wait for a process; returns the largest resident memory of its tree, and its processor time."""
    root = psutil.Process(process.pid)
    peak = 0
    clock = time.perf_counter()
    seconds: dict[int, float] = {}
    while process.poll() is None:
        total = 0
        try:
            for member in [root, *root.children(recursive=True)]:
                with member.oneshot():
                    total += member.memory_info().rss
                    times = member.cpu_times()
                    seconds[member.pid] = times.user + times.system
        except psutil.Error:
            pass
        peak = max(peak, total)
        elapsed = time.perf_counter() - clock
        time.sleep(min(LONGEST_POLL_SEC, max(SHORTEST_POLL_SEC, elapsed / 50)))
    return peak, sum(seconds.values())


def in_turn(contenders: Sequence[Contender], repeats: int) -> dict[str, list[Sample]]:
    """Run every contender once, then all again, so that a slow minute of the machine meets all of them.

    Args:
        contenders: The first is ours.
        repeats: Rounds.

    Returns:
        The samples of each contender by name, round by round.
    """
    samples: dict[str, list[Sample]] = {contender.name: [] for contender in contenders}
    for _ in range(repeats):
        for contender in contenders:
            sample = run_once(contender)
            samples[contender.name].append(sample)
            print(
                f"    {contender.name:<34} {sample.wall_sec:8.2f} s  (work {sample.work_sec:8.3f} s)  "
                f"{sample.peak_bytes / 1e6:7.0f} MB",
                flush=True,
            )
    return samples


class Ratio(NamedTuple):
    """How many times the baseline's figure ours is, over the rounds."""

    median: float
    low: float
    high: float


def ratio(ours: Sequence[float], baseline: Sequence[float]) -> Ratio:
    """Compare round by round, so that what both met together cancels.

    Args:
        ours: One figure per round.
        baseline: The same rounds.

    Returns:
        Median, smallest and largest of ours over baseline.
    """
    quotients = [mine / other for mine, other in zip(ours, baseline, strict=True)]
    return Ratio(statistics.median(quotients), min(quotients), max(quotients))


def growth_exponent(rows: Sequence[int], seconds: Sequence[float]) -> float:
    """The b of cost = a * n^b by least squares on logarithms.

    Args:
        rows: At least two sizes.
        seconds: Cost at each.

    Returns:
        About 1 where the cost is proportional to the rows, about 0 where it does not grow.
    """
    import numpy as np

    slope, _ = np.polyfit(np.log(np.asarray(rows, float)), np.log(np.asarray(seconds, float)), 1)
    return float(slope)
