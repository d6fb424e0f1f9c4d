"""How long a person waits before anything happens: help, the queue, the list of runs."""

from benchmarks import data
from benchmarks.harness import Contender, Plan, claims, in_turn, ratio
from benchmarks.store import Result, as_ratio, summary

ROWS = [20_000]
COMMANDS = (("--help",), ("queue",), ("runs",))


def measure(plan: Plan) -> Result:
    environment = {"CLAIMS_HOME": str(data.finished(plan.rows)), "NO_COLOR": "1"}
    python = Contender("bare Python", [claims()[0].removesuffix("claims") + "python", "-c", "pass"])
    contenders = [
        python,
        *(Contender("claims " + " ".join(command), claims(*command), environment) for command in COMMANDS),
    ]
    samples = in_turn(contenders, plan.repeats)
    bare = [run.wall_sec for run in samples[python.name]]
    return {
        "contenders": summary(samples, 1),
        "ratios": {
            f"{name}: time against bare Python": as_ratio(ratio([run.wall_sec for run in runs], bare))
            for name, runs in samples.items()
            if name != python.name
        },
    }
