"""The report's pages from the published tables: their time may not depend on the rows."""

import shutil

from benchmarks import data
from benchmarks.harness import Contender, Plan, claims, in_turn
from benchmarks.store import Result, summary


def measure(plan: Plan) -> Result:
    folder = data.home(plan.rows, "report")
    command = claims("report", "--output", folder)
    samples = in_turn(
        [Contender("claims report", command, {"CLAIMS_HOME": str(data.finished(plan.rows))})], plan.repeats
    )
    shutil.rmtree(folder)
    return {"contenders": summary(samples, plan.rows), "ratios": {}}
