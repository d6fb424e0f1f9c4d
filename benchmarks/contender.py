"""The process of one contender: imports its function, times it and writes down what it found."""

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple


class Timed(NamedTuple):
    """What a contender returns that prepares something before its work begins."""

    work_sec: float
    answer: Any


def main() -> None:
    module_name, function_name = sys.argv[1].split(":")
    function = getattr(importlib.import_module(module_name), function_name)
    arguments = json.loads(sys.argv[2])
    clock = time.perf_counter()
    answer = function(**arguments)
    timed = answer if isinstance(answer, Timed) else Timed(time.perf_counter() - clock, answer)
    Path(os.environ["BENCH_ANSWER"]).write_text(json.dumps(timed._asdict(), default=str))
