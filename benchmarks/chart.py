"""The cost of each step of the whole run against the rows, as an SVG that is the same bytes for the same results."""

import io
from typing import Any

# Okabe and Ito's palette, told apart by colour-blind readers; markers and labels say the same without colour.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#7F7F7F", "#8C564B")
MARKERS = "osD^vPX*h"


def curve(sizes: dict[str, Any]) -> str:
    """Draw seconds per step against rows, both axes logarithmic.

    Args:
        sizes: Rows (as text) to the result of the family `whole_run`.

    Returns:
        One SVG document.
    """
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    ordered = sorted((int(rows), result["steps"]["first"]) for rows, result in sizes.items())
    names = list(ordered[-1][1])
    with mpl.rc_context({"svg.hashsalt": "claims", "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
        for position, name in enumerate(names):
            points = [(rows, steps[name]["seconds"]) for rows, steps in ordered if name in steps]
            axes.plot(
                *zip(*points, strict=True),
                color=COLOURS[position % len(COLOURS)],
                marker=MARKERS[position % len(MARKERS)],
                linewidth=1.5,
                label=name,
            )
        totals = [(rows, sum(step["seconds"] for step in steps.values())) for rows, steps in ordered]
        axes.plot(*zip(*totals, strict=True), color="#000000", linestyle="--", linewidth=2, label="whole run")
        axes.set(xscale="log", yscale="log", xlabel="rows", ylabel="seconds", title="First whole run, by step")
        axes.grid(visible=True, which="major", color="#DDDDDD", linewidth=0.5)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
        plt.close(figure)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"
