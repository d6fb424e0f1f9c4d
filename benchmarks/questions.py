"""A question of the dashboard: from a mart against the notebook, from the fact table against polars."""

from benchmarks import data
from benchmarks.harness import Contender, Plan, in_turn, ratio, work
from benchmarks.store import Result, as_ratio, summary


def measure(plan: Plan) -> Result:
    rows, repeats = plan.rows, plan.repeats
    current = data.finished(rows) / "current"
    release, parquet = str(current / "claims.duckdb"), str(current / "parquet" / "fct_videos.parquet")
    file = str(data.delivery(rows))
    contenders = [
        Contender("ours, from a mart", work("benchmarks.with_duckdb:question_from_mart", file=release)),
        Contender("ours, from the fact table", work("benchmarks.with_duckdb:question_from_fact", file=release)),
        Contender(
            "ours, from the fact table's Parquet", work("benchmarks.with_duckdb:question_from_parquet", file=parquet)
        ),
        Contender("polars, from the same Parquet", work("benchmarks.with_polars:question", file=parquet)),
        Contender("notebook, from the file", work("benchmarks.with_pandas:question", file=file)),
        Contender("notebook, frame in memory", work("benchmarks.with_pandas:loaded_question", file=file)),
    ]
    if rows > 1_000_000:
        samples = in_turn(contenders[:4], repeats) | in_turn(contenders[4:], 1)
    else:
        samples = in_turn(contenders, repeats)
    answers = {name: runs[0].answer for name, runs in samples.items()}
    if len({str(sorted(answer.items())) for answer in answers.values()}) != 1:
        raise AssertionError(f"the answers differ: {answers}")
    times = {name: [run.work_sec for run in runs] for name, runs in samples.items()}
    mart, fact, scan, polars, notebook, loaded = (times[contender.name] for contender in contenders)

    def faster(ours: list[float], baseline: list[float]) -> Result:
        rounds = min(len(ours), len(baseline))
        return as_ratio(ratio([1 / sec for sec in ours[:rounds]], [1 / sec for sec in baseline[:rounds]]))

    return {
        "contenders": summary(samples, rows),
        "ratios": {
            "mart: speed against the notebook": faster(mart, notebook),
            "mart: speed against the loaded frame": faster(mart, loaded),
            "Parquet: speed against polars": faster(scan, polars),
            "fact table: speed against polars": faster(fact, polars),
        },
    }
