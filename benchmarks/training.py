"""Training: all our stages with their evaluation against the two grid searches of the published notebooks."""

import hashlib
import inspect
from importlib.metadata import version

from benchmarks import data, store, with_sklearn
from benchmarks.harness import Contender, Plan, in_turn, ratio, work
from benchmarks.store import Result, as_ratio, summary

ROWS = [20_000]
NOTEBOOK = "notebook (two grid searches, one core)"


def measure(plan: Plan) -> Result:
    """Ours from the first whole run; the notebook's ten minutes only when asked for."""
    if plan.grid_folds:
        store.keep("notebook_training", plan.rows, grid_searches(plan.rows, plan.grid_folds))
    stored = store.load().get("results", {})
    notebook = stored.get("notebook_training", {}).get(str(plan.rows), {})
    run = stored.get("whole_run", {}).get(str(plan.rows), {})
    result: Result = {"contenders": {}, "ratios": {}, "facts": {}}
    if notebook.get("facts", {}).get("key") != cache_key(plan.rows):
        result["facts"]["notebook"] = "not measured with these versions; `make bench BENCH_ARGS=--slow` does"
    elif "steps" not in run:
        result["facts"]["ours"] = "not measured: it is a step of the family whole_run"
    else:
        seconds = run["steps"]["first"]["train"]["seconds"]
        notebook_sec = notebook["contenders"][NOTEBOOK]["work_sec"]
        result["facts"] = {"train_step_sec": seconds, "notebook_sec": notebook_sec}
        result["ratios"]["time against the notebook"] = as_ratio(ratio([seconds], [notebook_sec]))
    return result


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
