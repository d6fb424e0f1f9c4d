"""The main job as a person runs it: first and again; with the time of each step from the ledger."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import data
from benchmarks.harness import Contender, Plan, Sample, claims, run_once
from benchmarks.store import Result, summary

# Above this size one run is enough to wait for.
REPEATED_ROWS = 1_000_000
# 100 million rows may take 8 GB: DuckDB gets what the rest of the process leaves of it. Elsewhere its default stands.
MEMORY_LIMITS = {100_000_000: {"CLAIMS_MEMORY_LIMIT": "5GB"}}


def measure(plan: Plan) -> Result:
    rows = plan.rows  # a whole run is long enough to be measured once
    file = data.delivery(rows)
    home = data.home(rows, "finished")
    shutil.rmtree(home, ignore_errors=True)
    environment = {"CLAIMS_HOME": str(home), **MEMORY_LIMITS.get(rows, {})}
    samples: dict[str, list[Sample]] = {}
    steps: dict[str, Any] = {}
    for name in ("first", "repeated") if rows <= REPEATED_ROWS else ("first",):
        sample = run_once(Contender(name, claims("run", file), environment))
        samples[name] = [sample]
        steps[name] = step_seconds(home)
        print(f"    {name:<12} {sample.wall_sec:8.1f} s  {sample.peak_bytes / 1e6:7.0f} MB", flush=True)
    facts: dict[str, Any] = {"release_mb": _size_mb((home / "current").resolve()), "home_mb": _size_mb(home)}
    return {"contenders": summary(samples, rows), "ratios": {}, "steps": steps, "facts": facts}


def step_seconds(home: Path) -> dict[str, dict[str, float]]:
    """Seconds, and peak memory where the ledger knows it, of each step of the last run in a home."""
    entries = data.ledger_seconds(home)
    last_run = entries[-1]["run_id"]
    found: dict[str, dict[str, float]] = {}
    for entry in entries:
        if entry["run_id"] == last_run:
            begun, ended = (datetime.fromisoformat(str(entry[key])) for key in ("started_at", "ended_at"))
            found[str(entry["step"])] = {"seconds": round((ended - begun).total_seconds(), 3)}
            if entry.get("peak_memory_byte_count"):
                found[str(entry["step"])]["peak_mb"] = round(float(str(entry["peak_memory_byte_count"])) / 1e6)
    return found


def _size_mb(folder: Path) -> int:
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6)
