"""Writes what was measured for people: results.md, and the curve of the whole run as a chart."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import chart
from benchmarks.aims import verdicts
from warehouse.settings import ROOT

PAGE = Path(__file__).with_name("results.md")
CHART = ROOT / "docs" / "performance-curve.svg"
MET = {True: "yes", False: "**no**", None: "-"}


def write_pages(stored: dict[str, Any]) -> None:
    """Write the page and the chart from the stored results."""
    PAGE.write_text(page(stored), encoding="utf-8")
    if stored.get("results", {}).get("whole_run"):
        CHART.parent.mkdir(exist_ok=True)
        CHART.write_text(chart.curve(stored["results"]["whole_run"]), encoding="utf-8")


def page(stored: dict[str, Any]) -> str:
    """The results as Markdown; the same results give the same bytes."""
    machine = stored["machine"]
    libraries = ", ".join(f"{name} {number}" for name, number in sorted(machine["libraries"].items()))
    written = (
        "Written by `make bench` from results.json; do not edit. What the figures mean, what was tried and why an aim "
        "is missed stands in docs/performance.md."
    )
    measured_on = (
        f"Machine: {machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB; {machine['system']}, Python "
        f"{machine['python']}; {libraries}."
    )
    lines = [
        "# Benchmark results",
        "",
        written,
        "",
        measured_on,
        "",
        "## Aims",
        "",
        *_table(
            ("aim", "rows", "measured", "met", "by processor time"),
            [(found.aim, found.rows, found.measured, MET[found.is_met], found.by_cpu) for found in verdicts(stored)],
        ),
    ]
    for family, sizes in sorted(stored.get("results", {}).items()):
        lines += ["", f"## {family.replace('_', ' ')}"]
        for rows, result in sorted(sizes.items(), key=lambda item: int(item[0])):
            lines += ["", f"### {int(rows):,} rows ({result['measured_on']})", "", *_contenders(result["contenders"])]
            lines += _ratios(result.get("ratios", {}))
            lines += _steps(result.get("steps", {}))
            lines += [f"\n{name.replace('_', ' ')}: {value}" for name, value in result.get("facts", {}).items()]
    return "\n".join(lines) + "\n"


def _contenders(contenders: dict[str, Any]) -> list[str]:
    head = ("contender", "runs", "wall s", "work s", "cpu s", "peak MB", "rows per s")
    return _table(
        head,
        [
            (
                name,
                str(figures["repeats"]),
                f"{figures['wall_sec']:,.2f}",
                f"{figures['work_sec']:,.3f}",
                f"{figures['cpu_sec']:,.1f}",
                f"{figures['peak_mb']:,}",
                f"{figures['rows_per_sec']:,}",
            )
            for name, figures in contenders.items()
        ],
    )


def _ratios(ratios: dict[str, Any]) -> list[str]:
    if not ratios:
        return []
    rows = [
        (name, f"{found['median']:g}", f"{found['low']:g} to {found['high']:g}")
        for name, found in sorted(ratios.items())
    ]
    return ["", *_table(("ratio", "median", "spread"), rows)]


def _steps(runs: dict[str, Any]) -> list[str]:
    if not runs:
        return []
    names = list(next(iter(runs.values())))
    rows = [
        (step, *(f"{steps[step]['seconds']:,.1f}" if step in steps else "-" for steps in runs.values()))
        for step in names
    ]
    return ["", *_table(("step, seconds", *runs), rows)]


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    return [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in row) + " |" for row in rows),
    ]
