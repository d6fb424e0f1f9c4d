"""The hypothesis tests against one bare aggregate scan of the same columns."""

import time
from pathlib import Path

from benchmarks import data
from benchmarks.contender import Timed
from benchmarks.harness import Contender, Plan, in_turn, ratio, work
from benchmarks.store import Result, as_ratio, summary
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.settings import Settings

METRIC = "video_view_count"


def measure(plan: Plan) -> Result:
    home = str(data.finished(plan.rows))
    contenders = [
        Contender("Welch's tests of one metric", work("benchmarks.statistics:tests", home=home, ranks=False)),
        Contender("all tests of one metric", work("benchmarks.statistics:tests", home=home, ranks=True)),
        Contender("one scan, mean and variance", work("benchmarks.statistics:scan", home=home)),
    ]
    samples = in_turn(contenders, plan.repeats)
    welch, everything, scan = ([run.work_sec for run in samples[contender.name]] for contender in contenders)
    return {
        "contenders": summary(samples, plan.rows),
        "ratios": {
            "Welch: time against one scan": as_ratio(ratio(welch, scan)),
            "one metric: time against one scan": as_ratio(ratio(everything, scan)),
        },
    }


def tests(home: str, ranks: bool) -> Timed:
    """Sufficient statistics and the tests computed from them, in every stratum."""
    from ml.questions.sufficient_statistics import STRATA, read_moments, read_rank_counts
    from ml.statistics import rank_tests, t_tests

    with DuckDBEngine.open(Settings(home=Path(home)), read_only=True) as engine:
        engine.query("select 1 as one")
        clock = time.perf_counter()
        moments = read_moments(engine, (METRIC,))[METRIC]
        p_values = {
            stratum: t_tests.welch_test(moments[stratum][False], moments[stratum][True]).p_value for stratum in STRATA
        }
        if ranks:
            counts = read_rank_counts(engine, METRIC)
            p_values |= {f"{stratum} ranks": rank_tests.mann_whitney(counts[stratum]).p_value for stratum in STRATA}
        return Timed(time.perf_counter() - clock, p_values)


def scan(home: str) -> Timed:
    """The least that reads the same column: counts, means and variances by group."""
    with DuckDBEngine.open(Settings(home=Path(home)), read_only=True) as engine:
        engine.query("select 1 as one")
        clock = time.perf_counter()
        rows = engine.query(
            f"select is_verified, claim_status, count({METRIC}) as n, avg({METRIC}) as mean, "  # noqa: S608
            f"var_samp({METRIC}) as variance from {contract.relation('fct_videos')} "
            "where claim_status is not null group by is_verified, claim_status"
        ).to_pylist()
        return Timed(time.perf_counter() - clock, len(rows))
