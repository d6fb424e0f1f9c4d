"""The main job where memory is short: does it end well, and how long does it take?"""

import shutil
import time

from benchmarks import data
from benchmarks.harness import Contender, FailedError, Plan, claims, run_once
from benchmarks.store import Result

LIMIT_BYTES = 4 * 2**30
PROCESSES = 4


def measure(plan: Plan) -> Result:
    """A whole run on one thread, with 1.2 GB for DuckDB and 4 GB of address space for each process.

    An allocator keeps the address space that it has once taken, so the run may need another process to go on in.
    """
    home = data.home(plan.rows, "limited")
    shutil.rmtree(home, ignore_errors=True)
    # Each thread of the linear algebra, and each of the C library's heaps, reserves address space that it never uses.
    reserve_little = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    environment = {"CLAIMS_HOME": str(home), "CLAIMS_MEMORY_LIMIT": "1200MB", "CLAIMS_THREADS": "1", **reserve_little}
    command = claims("run", data.delivery(plan.rows))
    reasons: list[str] = []
    start = time.monotonic()
    try:
        while len(reasons) < PROCESSES:
            try:
                run_once(Contender("claims run, 4 GB", command, environment, address_space_bytes=LIMIT_BYTES))
            except FailedError as failed:
                reasons.append(_reason(failed))
                command = claims("run", "--resume", data.delivery(plan.rows))
            else:
                outcome = f"done in {time.monotonic() - start:.0f} s, {len(reasons)} times resumed"
                break
        else:
            outcome = f"failed: {reasons[-1]}"
    finally:
        shutil.rmtree(home, ignore_errors=True)
    facts = {"outcome": outcome} | ({"resumed after": "; ".join(reasons)} if reasons else {})
    return {"contenders": {}, "ratios": {}, "facts": facts}


def _reason(failed: FailedError) -> str:
    """The command's own sentence, without the folder in which details stand."""
    found = [line for line in str(failed).splitlines() if line.startswith("claims: ")]
    return found[0].partition(" The published release")[0] if found else str(failed)[-300:]
