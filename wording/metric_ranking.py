"""On which metric do the groups differ most? A row of `ml.metric_ranking` in words."""

from wording import codes
from wording.names import noun, stratum
from wording.numbers import capitalise, confidence, count, decimal, interval, p_text
from wording.rows import Row

LEVEL = 0.95
"""Coverage of every interval of the table."""


def sentence(row: Row) -> str:
    """A metric's place, size of effect and test after Holm's correction."""
    where = stratum(row["stratum"])
    if row["cohens_d"] is None or row["adjusted_p_value"] is None:
        return f"{capitalise(noun(row['metric']))} cannot be compared among {where}."
    found = "differ clearly" if row["adjusted_p_value"] < codes.SIGNIFICANCE else "show no clear difference"
    bounds = interval(row["cohens_d_lower_bound"], row["cohens_d_upper_bound"], 3)
    return (
        f"Among {where}, {noun(row['metric'])} rank {count(row['effect_rank'])} by effect: the groups {found} "
        f"(d = {decimal(row['cohens_d'], 3)}, {confidence(LEVEL)} {bounds}, {p_text(row['adjusted_p_value'])} after "
        "Holm’s correction)."
    )
