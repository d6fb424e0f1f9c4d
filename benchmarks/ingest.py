"""How fast a file lands, against the fastest that the same database can copy it.

    python -m benchmarks.ingest FILE

The baseline is DuckDB's `copy (select * from read_csv(...)) to parquet` on the same file, told the nulls, since it
cannot read the published dialect without. It proves nothing, counts nothing and rejects nothing.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

BASELINE = """
import sys
from pathlib import Path
from warehouse.duckdb_engine import connect_for, sql_literal
from warehouse.settings import load_settings
with connect_for(load_settings(home=sys.argv[2])) as connection:
    source, target = sql_literal(sys.argv[1]), sql_literal(Path(sys.argv[2]) / "copy.parquet")
    connection.execute(
        f"copy (select * from read_csv({source}, nullstr = ['', '#N/A'])) to {target} "
        "(format parquet, compression zstd)"
    )
"""
LANDING = """
import sys
from pathlib import Path
from pipeline.ingest import ingest
from warehouse.settings import load_settings
ingest(load_settings(home=sys.argv[2]), [Path(sys.argv[1])], is_synthetic=True)
"""


class Cost(NamedTuple):
    """What a program took in a process of its own."""

    wall_sec: float
    cpu_sec: float
    """Of all threads; on a machine with other work the fairer of the two."""
    peak_mb: float


def measure(program: str, file: Path) -> Cost:
    """Run one of the programs on a file."""
    with tempfile.TemporaryDirectory(dir=file.parent) as home:
        started = time.perf_counter()
        # Not with -c: the database would take the process for an interactive one and draw progress bars.
        script = Path(home) / "program.py"
        script.write_text(program)
        process = subprocess.Popen([sys.executable, script, str(file), home])
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the program ended with {os.waitstatus_to_exitcode(status)}")
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def main(file: Path) -> dict[str, float]:
    """Measure both on one file."""
    landing, baseline = measure(LANDING, file), measure(BASELINE, file)
    return {
        "file_bytes": file.stat().st_size,
        "landing_wall_sec": round(landing.wall_sec, 2),
        "landing_cpu_sec": round(landing.cpu_sec, 2),
        "landing_peak_mb": round(landing.peak_mb),
        "baseline_wall_sec": round(baseline.wall_sec, 2),
        "baseline_cpu_sec": round(baseline.cpu_sec, 2),
        "baseline_peak_mb": round(baseline.peak_mb),
        "share_of_baseline_speed": round(baseline.wall_sec / landing.wall_sec, 3),
        "share_of_baseline_speed_by_cpu": round(baseline.cpu_sec / landing.cpu_sec, 3),
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1])), indent=2))
