"""Landing a delivered CSV: ours against the bare copy, polars and pandas."""

import shutil
from pathlib import Path

from benchmarks import data
from benchmarks.harness import Contender, Plan, claims, in_turn, ratio, work
from benchmarks.store import Result, as_ratio, summary


def measure(plan: Plan) -> Result:
    rows, repeats = plan.rows, plan.repeats
    file = data.delivery(rows)
    home = data.home(rows, "ingest")
    target = data.FOLDER / f"ingest_{rows}.parquet"

    def again() -> None:
        shutil.rmtree(home, ignore_errors=True)

    def baseline(module: str) -> Contender:
        command = work(f"benchmarks.{module}:ingest", file=str(file), target=str(target))
        return Contender(module.replace("with_", ""), command, before=lambda: target.unlink(missing_ok=True))

    contenders = [
        Contender("claims ingest", claims("ingest", file), {"CLAIMS_HOME": str(home)}, again),
        baseline("with_duckdb")._replace(name="floor (bare DuckDB copy)"),
        baseline("with_polars"),
        baseline("with_pandas"),
    ]
    samples = in_turn(contenders, repeats)
    ours, *others = (samples[contender.name] for contender in contenders)
    counted = {sample.answer for runs in others for sample in runs}
    if counted != {rows}:
        raise AssertionError(f"the baselines read {counted} rows instead of {rows}")
    names = ("floor", "polars", "pandas")
    result: Result = {
        "contenders": summary(samples, rows),
        "ratios": {
            f"speed against {name}": as_ratio(
                ratio([1 / run.wall_sec for run in ours], [1 / run.wall_sec for run in runs])
            )
            for name, runs in zip(names, others, strict=True)
        },
        "facts": {"delivered_mb": round(file.stat().st_size / 1e6), "landed_mb": _landed_mb(home)},
    }
    again()
    target.unlink(missing_ok=True)
    return result


def _landed_mb(home: Path) -> int:
    return round(sum(path.stat().st_size for path in home.glob("landing/*/*.parquet")) / 1e6)
