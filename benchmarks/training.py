"""Training: all our feature sets with their evaluation against the two grid searches of the published notebooks."""

import hashlib
import inspect
import shutil
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from benchmarks import data, store, with_sklearn
from benchmarks.contender import Timed
from benchmarks.harness import Contender, Plan, claims, in_turn, ratio, run_once, work
from benchmarks.store import Result, as_ratio, summary
from warehouse.settings import Settings

ROWS = [20_000]
OURS = "claims train (all feature sets, their comparisons and the checks)"
NOTEBOOK = "notebook (two grid searches, one core)"


def measure(plan: Plan) -> Result:
    """Ours every time; the notebook's ten minutes only when asked for."""
    if plan.grid_folds:
        store.keep("notebook_training", plan.rows, grid_searches(plan.rows, plan.grid_folds))
    home = data.landed(plan.rows)
    if not Settings(home=home).warehouse_file.exists():
        run_once(Contender("build", claims("build"), {"CLAIMS_HOME": str(home)}))
    samples = in_turn([Contender(OURS, work("benchmarks.training:ours", home=str(home)))], 1)
    (sample,) = samples[OURS]
    result: Result = {"contenders": summary(samples, plan.rows), "ratios": {}, "facts": dict(sample.answer)}
    notebook = store.load().get("results", {}).get("notebook_training", {}).get(str(plan.rows), {})
    if notebook.get("facts", {}).get("key") != cache_key(plan.rows):
        result["facts"]["notebook"] = "not measured with these versions; `make bench BENCH_ARGS=--slow` does"
        return result
    notebook_sec = notebook["contenders"][NOTEBOOK]["work_sec"]
    result["facts"]["notebook_sec"] = notebook_sec
    result["ratios"] = {
        "time against the notebook": as_ratio(ratio([sample.work_sec], [notebook_sec])),
        "time against the notebook, without the audits": as_ratio(
            ratio([sample.answer["without_audits_sec"]], [notebook_sec])
        ),
        "processor time against the notebook": as_ratio(ratio([sample.cpu_sec], [notebook_sec])),
    }
    return result


def ours(home: str) -> Timed:
    """Train everything from the marts of a home, of which nothing is kept."""
    from ml import train
    from warehouse import contract
    from warehouse.factory import open_engine

    with tempfile.TemporaryDirectory(prefix="train-", dir=data.FOLDER) as folder:
        settings = Settings(home=Path(folder))
        shutil.copy(Settings(home=Path(home)).warehouse_file, settings.warehouse_file)
        begun: dict[str, float] = {}
        with open_engine(settings) as engine:
            # What stands there already is not computed again.
            engine.write(contract.from_rows([], "robustness_checks"), "robustness_checks")
            clock = time.perf_counter()

            def note(line: str) -> None:
                begun.setdefault(line.split(":", maxsplit=1)[0], time.perf_counter() - clock)

            outcome = train.run(engine, settings, note)
            seconds = time.perf_counter() - clock
    return Timed(seconds, {"without_audits_sec": round(begun["robustness"], 3), "models": outcome.model_count})


def grid_searches(rows: int, folds: int) -> Result:
    """Measure the notebook's training once, on so many of its five folds."""
    command = work("benchmarks.with_sklearn:both_grid_searches", file=str(data.delivery(rows)), folds=folds)
    samples = in_turn([Contender(NOTEBOOK, command, {"OMP_NUM_THREADS": "1"})], 1)
    return {
        "contenders": summary(samples, rows),
        "ratios": {},
        "facts": {"key": cache_key(rows), "folds_measured_of_five": folds, "searches": samples[NOTEBOOK][0].answer},
    }


def cache_key(rows: int) -> str:
    """Changes with the recipe, the rows and scikit-learn."""
    text = f"{rows} {version('scikit-learn')} {inspect.getsource(with_sklearn)}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:12]
