"""The main job where memory is short: does it end well, and how long does it take?"""

import shutil

from benchmarks import data
from benchmarks.harness import Contender, FailedError, Plan, claims, run_once
from benchmarks.store import Result, summary

LIMIT_BYTES = 4 * 2**30


def measure(plan: Plan) -> Result:
    """One whole run on one thread, with 1.2 GB for DuckDB and an address space of 4 GB."""
    home = data.home(plan.rows, "limited")
    shutil.rmtree(home, ignore_errors=True)
    # Each thread of the linear algebra, and each of the C library's heaps, reserves address space that it never uses.
    reserve_little = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    environment = {"CLAIMS_HOME": str(home), "CLAIMS_MEMORY_LIMIT": "1200MB", "CLAIMS_THREADS": "1", **reserve_little}
    limited = Contender(
        "claims run, 4 GB", claims("run", data.delivery(plan.rows)), environment, address_space_bytes=LIMIT_BYTES
    )
    try:
        sample = run_once(limited)
    except FailedError as failed:
        return {"contenders": {}, "ratios": {}, "facts": {"outcome": f"failed: {_reason(failed)}"}}
    finally:
        shutil.rmtree(home, ignore_errors=True)
    outcome = f"done in {sample.wall_sec:.0f} s, {sample.peak_bytes / 1e6:.0f} MB resident"
    return {"contenders": summary({limited.name: [sample]}, plan.rows), "ratios": {}, "facts": {"outcome": outcome}}


def _reason(failed: FailedError) -> str:
    """The command's own sentence."""
    return next((line for line in str(failed).splitlines() if line.startswith("claims: ")), str(failed)[-300:])
