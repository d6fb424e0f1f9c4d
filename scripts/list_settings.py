"""Writes docs/settings.md: every variable that changes what a command does, as the code declares it."""

import ast
import inspect
import sys
from itertools import pairwise
from pathlib import Path

from warehouse import settings as module
from warehouse.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "settings.md"

_HEAD = """# Settings

Every environment variable that changes what a command does; a command's options win over them. `make settings` writes
this page from `warehouse/settings.py`, and a test compares. `claims run --resume` repeats what they influence.

| name | default | meaning | step |
|---|---|---|---|
"""
# Which step reads it; `all` for what every command does.
USED_BY = {
    "home": "all",
    "readers_group": "publish",
    "target": "all",
    "memory_limit": "all",
    "threads": "all",
    "lock_wait_sec": "all",
    "audit_sample_rows": "audit",
    "regression_rows": "analyze",
    "synthetic_rows": "ingest",
    "synthetic_seed": "ingest",
    "allow_synthetic": "ingest, build, publish",
    "reject_limit_share": "ingest",
    "timezone": "ingest",
    "date_pattern": "ingest",
    "record_limit_characters": "ingest",
    "column_limit": "ingest",
    "decompression_limit_ratio": "ingest",
    "training_rows": "train",
    "repeated_splits": "train",
    "missed_claim_cost": "train",
    "wasted_review_cost": "train",
    "minutes_per_review": "simulate, publish",
    "target_hours": "build, simulate",
    "reopen_reporters": "build",
    "clearing": "build",
    "queue_policy": "simulate",
    "missed_share_limit": "train, predict, simulate",
    "wasted_share_limit": "train, predict",
    "reviewer_count": "simulate",
    "shift_hours": "simulate",
    "cases_per_day": "simulate",
    "cost_per_hour": "simulate",
    "view_growth_hours": "simulate",
    "releases_kept": "publish",
    "releases_kept_days": "publish",
}
# Defaults that depend on the machine.
_SHOWN = {"home": "`var/` in this folder", "threads": "every core that the process may use"}
# What is read elsewhere than in the settings.
_OTHERS = (
    ("TIKTOK_CSV", "–", "One delivered file, taken where none is named on the command line.", "ingest"),
    (
        "CLAIMS_SCHEMA_PREFIX",
        "–",
        "Begins the name of every schema, as in `test_marts`: several builds in one catalog.",
        "build",
    ),
    (
        "CLAIMS_IDENTITY_KEY",
        "`identity.key` of the home",
        "Key of the hashes that stand for reporters and reviewers in public tables, and of the audit lane.",
        "build",
    ),
    ("CLAIMS_DEBUG", "–", "With `1` the traceback of an error goes to the screen.", "all"),
    (
        "SOURCE_DATE_EPOCH",
        "now",
        "The time of staging that a release's manifest states, in seconds since 1970.",
        "publish",
    ),
    (
        "SPARK_REMOTE, SPARK_CONF_DIR",
        "–",
        "Spark's own: a Connect server, a site's settings (docs/spark.md).",
        "all, with the target spark",
    ),
    ("NO_COLOR", "–", "No colours on a terminal; nothing is told by colour alone.", "all"),
)


def meanings() -> dict[str, str]:
    """What each setting means: the text below it in the code."""
    (body,) = (
        node.body
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.ClassDef) and node.name == Settings.__name__
    )
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def page() -> str:
    """The whole page."""
    texts = meanings()
    rows = [
        (f"CLAIMS_{name.upper()}", _SHOWN.get(name) or _default(field.default), texts[name], USED_BY[name])
        for name, field in Settings.model_fields.items()
    ]
    return _HEAD + "".join(
        f"| `{name}` | {default} | {meaning} | {step} |\n" for name, default, meaning, step in [*rows, *_OTHERS]
    )


def _default(value: object) -> str:
    return "–" if value is None else f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}: {len(Settings.model_fields)} settings\n")
