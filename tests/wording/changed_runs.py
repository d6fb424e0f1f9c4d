"""Data sets changed by fixed rules and run through the whole job: what the classifier's sentences rest on in each.

python -m tests.wording.changed_runs    stores the rows of every run in stored_rows/ (minutes)
"""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pipeline.job.runner import main_job, run_steps
from pipeline.landing.synthetic import write_synthetic
from reports import queries
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.settings import Settings
from wording import review_queue
from wording.rows import Data

STORED = Path(__file__).parent / "stored_rows"
ROWS, SEED = 2_000, 11
COUNTS = [f"video_{name}_count" for name in ("view", "like", "share", "download", "comment")]
TEXT = "video_transcription_text"
COSTS = ("missed_claim_cost", "wasted_review_cost")
RUN_COLUMNS = ("feature_set", "model_name", "known_when", "is_champion", "summary", *COSTS)
METRICS = ("accuracy", "recall", "missed_claim_count", "false_claim_count")


class Case(NamedTuple):
    """A change of the twin, and what the first screen, the headlines and the model page must and must not say then."""

    change: Callable[[pd.DataFrame], pd.DataFrame]
    first: str
    """How the first screen begins."""
    must: tuple[str, ...]
    must_not: tuple[str, ...]


def shuffled(videos: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Whole rows of some columns dealt out anew: their own shape stays, what they tell of the label is gone."""
    known = videos["claim_status"].notna().to_numpy()
    dealt = videos.loc[known, columns].sample(frac=1, random_state=5).to_numpy()
    changed = videos.copy()
    changed.loc[known, columns] = dealt
    return changed


def inverted(videos: pd.DataFrame) -> pd.DataFrame:
    return videos.assign(claim_status=videos["claim_status"].map({"claim": "opinion", "opinion": "claim"}))


def overlapping(videos: pd.DataFrame) -> pd.DataFrame:
    """A tenth of all labelled videos have the counts of another: no rule over counts is right on all."""
    known = np.flatnonzero(videos["claim_status"].notna())
    some = np.random.default_rng(4).choice(known, len(known) // 5, replace=False)
    changed = videos.copy()
    changed.loc[some, COUNTS] = videos.loc[np.roll(some, 1), COUNTS].to_numpy()
    return changed


NO_BETTER = "better than always naming the larger class does"
CASES = {
    "as it is": Case(
        lambda videos: videos,
        "Claims draw almost all",
        ("the random forest is right on", "A rule of one line is right on", "rest on how texts begin"),
        (NO_BETTER, "Opinions draw"),
    ),
    "labels inverted": Case(
        inverted,
        "Opinions draw almost all",
        ("A typical claim has fewer views", "the random forest is right on"),
        ("Claims draw", "has more views", NO_BETTER),
    ),
    "labels permuted": Case(
        lambda videos: shuffled(videos, ["claim_status"]),
        "No model tells claims from opinions",
        (NO_BETTER, "makes no clear difference to scores from the words"),
        ("rest on how texts begin", "clearly better", "draw almost all"),
    ),
    "texts dealt out anew": Case(
        lambda videos: shuffled(videos, [TEXT]),
        "Claims draw almost all",
        ("makes no clear difference to scores from the words",),
        ("rest on how texts begin", NO_BETTER),
    ),
    "counts dealt out anew": Case(
        lambda videos: shuffled(videos, COUNTS),
        "Opinions draw about half",
        ("From counts of views and the like, no model tells", "rest on how texts begin"),
        ("No model tells", "almost all", "The forest is clearly better"),
    ),
    "counts of some mixed up": Case(
        overlapping,
        "Claims draw",
        ("the random forest is right on", "wrong"),
        (NO_BETTER, "right on 100.0"),
    ),
}


def run(case: Case, home: Path) -> Data:
    """The rows that sentences read, from a whole run on the changed twin."""
    twin, delivery = home / "twin.csv", home / "changed.csv"
    write_synthetic(twin, ROWS, SEED)
    videos = pd.read_csv(twin, na_values=["#N/A"], keep_default_na=True, dtype=dict.fromkeys(COUNTS, "Int64"))
    case.change(videos).to_csv(delivery, index=False)
    settings = Settings(home=home / "var", repeated_splits=2)
    run_steps(settings, main_job([delivery]), lambda _: lambda _: None, lambda _: None)
    with DuckDBEngine.open_release(settings) as engine:
        return kept(queries.load(engine))


def kept(data: Data) -> Data:
    """What the sentences need and no more, so that it can be stored."""
    chosen = {
        "claim_statuses": data["claim_statuses"],
        "quantiles": [row for row in data["quantiles"] if row["metric"] == "views"],
        "statistics": data["statistics"][:1],
        "model_metrics": [
            row
            for row in data["model_metrics"]
            if (row["evaluation"], row["slice"]) == ("test", "all") and row["metric"] in METRICS
        ],
        "model_comparisons": [row for row in data["model_comparisons"] if row["comparison"] == "against_rule"],
        "model_runs": [{name: row[name] for name in RUN_COLUMNS} for row in data["model_runs"]],
        "robustness": [
            row for row in data["robustness"] if row["check_name"] == "transcript_hold_out" or row["is_warning"]
        ],
        "coverage": [row for row in data["coverage"] if row["capacity_share"] == review_queue.USUAL_CAPACITY],
    }
    plain: Data = json.loads(json.dumps(chosen, default=str))
    return plain


def stored(name: str) -> Data:
    """The rows that a run left here."""
    found: Data = json.loads(path_of(name).read_text(encoding="utf-8"))
    return found


def path_of(name: str) -> Path:
    return STORED / f"{name.replace(' ', '_')}.json"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, list):
        return [_rounded(entry) for entry in value]
    return {name: _rounded(entry) for name, entry in value.items()} if isinstance(value, dict) else value


def main() -> None:
    for name in sys.argv[1:] or CASES:
        with tempfile.TemporaryDirectory() as home:
            rows = _rounded(run(CASES[name], Path(home)))
        tables = ",\n".join(
            f'"{table}": [\n' + ",\n".join(json.dumps(row, sort_keys=True) for row in entries) + "\n]"
            for table, entries in rows.items()
        )
        path_of(name).write_text("{\n" + tables + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
