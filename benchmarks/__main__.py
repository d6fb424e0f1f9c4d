"""`make bench`: measures the product beside its baselines and writes results.json, results.md and the chart."""

import argparse
import importlib
import os
import sys

from benchmarks import data, store
from benchmarks.harness import FailedError, Plan

FAMILIES = (
    "ingest",
    "build",
    "whole_run",
    "limited_run",
    "questions",
    "statistics",
    "scoring",
    "report",
    "training",
    "startup",
)
ROWS = (20_000, 1_000_000, 10_000_000)
# Everything at these sizes takes too long to be measured often.
REPEATS = {20_000: 5, 1_000_000: 3}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--rows", type=_positive, nargs="+", default=[*ROWS], help="sizes; 100000000 needs 60 GB of disk"
    )
    parser.add_argument("--only", nargs="+", choices=FAMILIES, default=[*FAMILIES], help="families to measure")
    parser.add_argument("--repeats", type=_positive, help="rounds per size; 5, 3 and 2 by default")
    parser.add_argument(
        "--slow",
        type=int,
        nargs="?",
        const=5,
        default=0,
        choices=range(1, 6),
        metavar="FOLDS",
        help="also the published grid searches: ten minutes of one core for all five folds; fewer are scaled up",
    )
    parser.add_argument("--keep", action="store_true", help="leave the data below var/bench")
    parser.add_argument("--render", action="store_true", help="measure nothing, write the pages again")
    arguments = parser.parse_args()
    # What a person has set for daily work is not what is measured here.
    for name in [*os.environ]:
        if name.startswith(("CLAIMS_", "DBT_")) or name == "TIKTOK_CSV":
            del os.environ[name]
    if not arguments.render:
        for rows in arguments.rows:
            try:
                _measure(rows, arguments)
            except FailedError as failed:
                sys.exit(f"{failed}\nWhat was measured before is kept; the data stay below {data.FOLDER}.")
    from benchmarks.pages import write_pages

    write_pages(store.load())


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no whole number of 1 or more")
    return int(text)


def _measure(rows: int, arguments: argparse.Namespace) -> None:
    repeats = arguments.repeats or REPEATS.get(rows, 2)
    for name in FAMILIES:
        if name not in arguments.only:
            continue
        family = importlib.import_module(f"benchmarks.{name}")
        if rows not in getattr(family, "ROWS", [rows]):
            continue
        print(f"  {name}, {rows:,} rows", flush=True)
        store.keep(name, rows, family.measure(Plan(rows, repeats, arguments.slow)))
    if not arguments.keep:
        data.forget(rows)


if __name__ == "__main__":
    main()
