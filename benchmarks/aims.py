"""What the product sets out to reach, and whether the stored results reach it."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from benchmarks.harness import growth_exponent

HUGE, LARGE, MIDDLE, SMALL = "100000000", "10000000", "1000000", "20000"
# Steps whose cost may not grow with the rows are those whose output does not.
ROW_STEPS = ("ingest", "build", "predict", "build results", "publish")
# An exponent says something only where the step is more than its fixed cost.
FIXED_SEC = 2.0

Results = dict[str, Any]


class Verdict(NamedTuple):
    """One aim beside what was measured."""

    aim: str
    rows: str
    measured: str
    is_met: bool | None
    """None where it has not been measured."""
    by_cpu: str = ""
    """The same by processor time, which other work on the machine changes less."""


class Aim(NamedTuple):
    """One number that has a limit."""

    text: str
    family: str
    rows: str
    read: Callable[[Results], float]
    limit: float
    is_floor: bool
    unit: str = "x"
    ours: str = ""
    baseline: str = ""
    """Contenders whose processor times are compared too."""


def _ratio(name: str) -> Callable[[Results], float]:
    return lambda result: float(result["ratios"][name]["median"])


def _fact(name: str) -> Callable[[Results], float]:
    return lambda result: float(result["facts"][name])


AIMS = (
    Aim(
        text="ingest: at least 0.5 of the bare copy's speed",
        family="ingest",
        rows=LARGE,
        read=_ratio("speed against floor"),
        limit=0.5,
        is_floor=True,
        unit="x",
        ours="claims ingest",
        baseline="floor (bare DuckDB copy)",
    ),
    Aim(
        text="build: at most 2.0 times one SQL script",
        family="build",
        rows=LARGE,
        read=_ratio("time against floor"),
        limit=2.0,
        is_floor=False,
        unit="x",
        ours="claims build",
        baseline="floor (one SQL script)",
    ),
    Aim(
        text="build: at most 5 s more than the script",
        family="build",
        rows=SMALL,
        read=_fact("overhead_sec"),
        limit=5.0,
        is_floor=False,
        unit="s",
    ),
    Aim(
        text="mart question: at least 50 times the notebook's speed",
        family="questions",
        rows=LARGE,
        read=_ratio("mart: speed against the notebook"),
        limit=50,
        is_floor=True,
    ),
    Aim(
        text="fact question: not slower than polars on the same Parquet",
        family="questions",
        rows=LARGE,
        read=_ratio("Parquet: speed against polars"),
        limit=1.0,
        is_floor=True,
    ),
    Aim(
        text="scoring: at least 0.6 of the bare pipeline's speed",
        family="scoring",
        rows=MIDDLE,
        read=_ratio("speed against the bare pipeline"),
        limit=0.6,
        is_floor=True,
    ),
    Aim(
        text="scoring by engagement alone: at least 0.6 of the bare pipeline's speed",
        family="scoring",
        rows=MIDDLE,
        read=_ratio("speed against the bare pipeline, engagement"),
        limit=0.6,
        is_floor=True,
    ),
    Aim(
        text="training: at most 1/10 of both grid searches",
        family="training",
        rows=SMALL,
        read=_ratio("time against the notebook"),
        limit=0.1,
        is_floor=False,
    ),
    Aim(
        text="Welch's test: at most 3 bare scans",
        family="statistics",
        rows=LARGE,
        read=_ratio("Welch: time against one scan"),
        limit=3.0,
        is_floor=False,
    ),
    Aim(
        text="Welch's and the exact rank test: at most 3 bare scans",
        family="statistics",
        rows=LARGE,
        read=_ratio("one metric: time against one scan"),
        limit=3.0,
        is_floor=False,
    ),
)


def verdicts(stored: Results) -> list[Verdict]:
    """Every aim with its measured value.

    Args:
        stored: The whole results file.

    Returns:
        Verdicts in the order of the work.
    """
    results = stored.get("results", {})
    found = [_verdict(aim, results.get(aim.family, {}).get(aim.rows)) for aim in AIMS]
    return [*found, *_from_file_to_marts(results), *_whole_run(results), *_scoring_memory(results), *_growth(results)]


def _verdict(aim: Aim, result: Results | None) -> Verdict:
    rows = f"{int(aim.rows):,}"
    try:
        value = aim.read(result or {})
    except KeyError:
        return Verdict(aim.text, rows, "not measured", None)
    is_met = value >= aim.limit if aim.is_floor else value <= aim.limit
    return Verdict(aim.text, rows, f"{value:.3g} {aim.unit}", is_met, _by_cpu(aim, result or {}))


def _by_cpu(aim: Aim, result: Results) -> str:
    if not {aim.ours, aim.baseline} <= result.get("contenders", {}).keys():
        return ""
    ours, baseline = (result["contenders"][name]["cpu_sec"] for name in (aim.ours, aim.baseline))
    return f"{baseline / ours if aim.is_floor else ours / baseline:.3g} x"


def _from_file_to_marts(results: Results) -> Iterator[Verdict]:
    """From the delivered CSV to the marts: ours lands, checks, builds and tests."""
    ingest = results.get("ingest", {}).get(LARGE)
    build = results.get("build", {}).get(LARGE)
    texts = ("CSV to marts: at least 1.5 times the notebook's speed", "CSV to marts: at most 1/5 of its memory")
    if not ingest or not build:
        yield from (Verdict(text, f"{int(LARGE):,}", "not measured", None) for text in texts)
        return
    parts = [ingest["contenders"]["claims ingest"], build["contenders"]["claims build"]]
    notebook = build["contenders"]["notebook (pandas)"]
    speed = notebook["wall_sec"] / sum(part["wall_sec"] for part in parts)
    memory = max(part["peak_mb"] for part in parts) / notebook["peak_mb"]
    by_cpu = notebook["cpu_sec"] / sum(part["cpu_sec"] for part in parts)
    yield Verdict(texts[0], f"{int(LARGE):,}", f"{speed:.3g} x", speed >= 1.5, f"{by_cpu:.3g} x")
    yield Verdict(texts[1], f"{int(LARGE):,}", f"{memory:.3g} of it", memory <= 0.2)


def _whole_run(results: Results) -> Iterator[Verdict]:
    run = results.get("whole_run", {})
    training = results.get("notebook_training", {}).get(SMALL)
    for name, limit, words in (("first", 0.25, "1/4"), ("repeated", 0.1, "1/10")):
        text = f"{name} run: at most {words} of the notebook's grid searches"
        if SMALL not in run or not training:
            yield Verdict(text, f"{int(SMALL):,}", "not measured", None)
            continue
        (notebook,) = training["contenders"].values()
        share = run[SMALL]["contenders"][name]["wall_sec"] / notebook["work_sec"]
        yield Verdict(text, f"{int(SMALL):,}", f"{share:.3g} of it", share <= limit)
    for rows, gigabytes in ((LARGE, 4), (HUGE, 8)):
        text = f"whole run: less than {gigabytes} GB resident"
        if rows not in run:
            yield Verdict(text, f"{int(rows):,}", "not measured", None)
            continue
        peak_mb = max(figures["peak_mb"] for figures in run[rows]["contenders"].values())
        yield Verdict(text, f"{int(rows):,}", f"{peak_mb / 1000:.2f} GB", peak_mb < gigabytes * 1024**3 / 1e6)
    text = "whole run: ends within 4 GB of address space"
    outcome = results.get("limited_run", {}).get(LARGE, {"facts": {}})["facts"].get("outcome")
    is_met = outcome.startswith("done") if outcome else None
    yield Verdict(text, f"{int(LARGE):,}", outcome or "not measured", is_met)


def _scoring_memory(results: Results) -> Iterator[Verdict]:
    """Memory of scoring at ten times the rows."""
    scoring = results.get("scoring", {})
    text = "scoring: memory does not grow with the rows"
    if not {MIDDLE, LARGE} <= scoring.keys():
        yield Verdict(text, "1 to 10 million", "not measured", None)
        return
    first, second = (scoring[rows]["contenders"]["claims' scoring"]["peak_mb"] for rows in (MIDDLE, LARGE))
    yield Verdict(text, "1 to 10 million", f"{first} to {second} MB", second <= 1.25 * first)


def _growth(results: Results) -> Iterator[Verdict]:
    """Exponents of cost = a * n^b for each step, from one to ten million rows."""
    run = results.get("whole_run", {})
    if not {MIDDLE, LARGE} <= run.keys():
        yield Verdict("steps grow by b <= 1.05", "1 to 10 million", "not measured", None)
        return
    middle, large = (run[rows]["steps"]["first"] for rows in (MIDDLE, LARGE))
    for step in middle:
        if step not in large:
            continue
        exponent = growth_exponent(
            [int(MIDDLE), int(LARGE)], [max(side[step]["seconds"], 0.001) for side in (middle, large)]
        )
        scans = step in ROW_STEPS
        limit = 1.05 if scans else 0.5
        text = f"{step}: cost grows as rows to the power of at most {limit:g}"
        yield Verdict(text, "1 to 10 million", f"{exponent:.2f}", exponent <= limit)
