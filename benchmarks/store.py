"""The results file: what was measured, where and with which versions. A partial run replaces only its own part."""

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from benchmarks.harness import Ratio, Sample

FILE = Path(__file__).with_name("results.json")
LIBRARIES = ("duckdb", "dbt-core", "dbt-duckdb", "pandas", "polars", "scikit-learn", "great-expectations", "pyarrow")

Result = dict[str, Any]


def load() -> dict[str, Any]:
    """The stored results; empty where nothing has been measured."""
    stored: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    return stored


def keep(family: str, rows: int, result: Result) -> None:
    """Store what one family measured at one size."""
    stored = load()
    stored["machine"] = machine()
    measured_on = datetime.now(UTC).date().isoformat()
    stored.setdefault("results", {}).setdefault(family, {})[str(rows)] = {"measured_on": measured_on, **result}
    FILE.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """What the numbers depend on."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def summary(samples: Mapping[str, Sequence[Sample]], rows: int) -> Result:
    """The medians of each contender.

    Args:
        samples: As `in_turn` returns them.
        rows: Rows that each run worked on.

    Returns:
        Contender to its figures: seconds with three digits, memory in MB.
    """
    return {
        name: {
            "repeats": len(runs),
            "wall_sec": round(statistics.median(run.wall_sec for run in runs), 3),
            "work_sec": round(statistics.median(run.work_sec for run in runs), 4),
            "cpu_sec": round(statistics.median(run.cpu_sec for run in runs), 2),
            "peak_mb": round(max(run.peak_bytes for run in runs) / 1e6),
            "rows_per_sec": round(rows / statistics.median(run.work_sec for run in runs)),
        }
        for name, runs in samples.items()
    }


def as_ratio(found: Ratio) -> Result:
    """A ratio for the file, with three digits."""
    return {key: float(f"{value:.3g}") for key, value in found._asdict().items()}
