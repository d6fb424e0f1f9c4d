"""The main job where memory is short: does it end well, and how long does it take?"""

import shutil

from benchmarks import data
from benchmarks.harness import Contender, FailedError, Plan, claims, run_once
from benchmarks.store import Result, summary

LIMIT_BYTES = 4 * 2**30
# Each thread of the linear algebra, and each of the C library's heaps, reserves address space that it never uses;
# DuckDB's allocator keeps what it has freed unless told otherwise (DuckDB 2.0).
RESERVE_LITTLE = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2", "DUCKDB_JE_MALLOC_CONF": "retain:false"}


def measure(plan: Plan) -> Result:
    """A whole run in one process, on one thread, with 1.2 GB for DuckDB and 4 GB of address space."""
    home = data.home(plan.rows, "limited")
    shutil.rmtree(home, ignore_errors=True)
    environment = {"CLAIMS_HOME": str(home), "CLAIMS_MEMORY_LIMIT": "1200MB", "CLAIMS_THREADS": "1", **RESERVE_LITTLE}
    command = claims("run", data.delivery(plan.rows))
    run = Contender("claims run, 4 GB", command, environment, address_space_bytes=LIMIT_BYTES)
    contenders = {}
    try:
        sample = run_once(run)
        contenders = summary({run.name: [sample]}, plan.rows)
        outcome = f"done in {sample.wall_sec:.0f} s"
    except FailedError as failed:
        outcome = f"failed: {_reason(failed)}"
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return {"contenders": contenders, "ratios": {}, "facts": {"outcome": outcome}}


def _reason(failed: FailedError) -> str:
    """The command's own sentence, without the folder in which details stand."""
    found = [line for line in str(failed).splitlines() if line.startswith("claims: ")]
    return found[0].partition(" The published release")[0] if found else str(failed)[-300:]
