"""Training: all our stages with their evaluation against the two grid searches of the published notebooks."""

import hashlib
import inspect
from importlib.metadata import version

from benchmarks import data, store, with_sklearn
from benchmarks.harness import Contender, Plan, claims, in_turn, ratio, work
from benchmarks.store import Result, as_ratio, summary

ROWS = [20_000]
NOTEBOOK = "notebook (two grid searches, one core)"


def measure(plan: Plan) -> Result:
    """Ours every time; the notebook's ten minutes only when asked for, or when its number has become stale."""
    finished = data.finished(plan.rows)
    ours = Contender("claims train", claims("train"), {"CLAIMS_HOME": str(finished)})
    result: Result = {"contenders": summary(in_turn([ours], plan.repeats), plan.rows), "ratios": {}, "facts": {}}
    if plan.grid_folds:
        notebook = grid_searches(plan.rows, plan.grid_folds)
        store.keep("notebook_training", plan.rows, notebook)
    else:
        notebook = store.load().get("results", {}).get("notebook_training", {}).get(str(plan.rows), {})
    if notebook.get("facts", {}).get("key") != cache_key(plan.rows):
        result["facts"]["notebook"] = "not measured with these versions; `make bench BENCH_ARGS=--slow` does"
        return result
    result["contenders"] |= notebook["contenders"]
    seconds = result["contenders"]["claims train"]["wall_sec"]
    notebook_sec = notebook["contenders"][NOTEBOOK]["work_sec"]
    result["ratios"]["time against the notebook"] = as_ratio(ratio([seconds], [notebook_sec]))
    result["facts"] |= {"notebook_measured_on": notebook.get("measured_on"), **notebook["facts"]}
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
