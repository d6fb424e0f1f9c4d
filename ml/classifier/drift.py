"""Whether a delivery looks like the videos that the models learned from.

Each delivery is compared with the training videos of the deliveries before it, never with its own: fitting on it cannot
clear its alarm. Distances are the largest difference of two distribution functions (Kolmogorov-Smirnov), for categories
of two shares. Counts alarm only where they are larger than before, since a young delivery has smaller ones and is no
drift; counts and rates are compared where views are many enough for counts to decide.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from ml.classifier.feature_sets import SOURCE, SPREAD, TEXT, feature_columns
from warehouse import contract
from warehouse.protocol import Engine

INTO = "delivery_drift"
FAMILY_WISE = 0.01
"""Chance of any alarm in a run where nothing has changed."""
NOTICED, UNLIKE_FROM = 0.1, 0.3
"""Distances from which a difference matters, and from which people decide."""
FEWEST_VIDEOS = 30
NEWEST = 20
"""So many deliveries are compared, the newest; what older ones were is in older releases."""
AS_BEFORE, DRIFTING, UNLIKE = "as_before", "drifting", "unlike"
_BINS = 10


class Drift(NamedTuple):
    """One feature of one delivery beside the training videos before it."""

    delivery_number: int
    feature: str
    delivered_count: int
    training_count: int
    distance: float
    direction: str
    """larger, smaller or, for categories, other."""
    stability_index: float
    noticed_distance: float = math.inf
    unlike_distance: float = math.inf

    @property
    def verdict(self) -> str:
        """as_before, drifting or unlike."""
        if self.distance >= self.unlike_distance:
            return UNLIKE
        return DRIFTING if self.distance >= self.noticed_distance else AS_BEFORE

    def row(self) -> dict[str, Any]:
        """A row of `quality.delivery_drift`."""
        return {**self._asdict(), "verdict": self.verdict}


def measure(engine: Engine, least_view_count: float | None) -> list[Drift]:
    """Compare the newest deliveries, and judge all comparisons as one family.

    Args:
        engine: The working warehouse, with its features built.
        least_view_count: Views from which counts may decide.

    Returns:
        A row per delivery after the first and feature that both sides have.
    """
    deliveries = engine.query(
        f"select delivery_number, count(*) as video_count from {contract.relation('fct_videos')} "
        f"group by delivery_number order by delivery_number"
    ).to_pylist()
    later = [row["delivery_number"] for row in deliveries[1:] if row["video_count"] >= FEWEST_VIDEOS][-NEWEST:]
    return judged([found for number in later for found in _compare(engine, number, least_view_count or 0)])


def judged(found: Sequence[Drift]) -> list[Drift]:
    """Give every comparison its thresholds: those of a difference that matters, and never below what chance explains.

    By the inequality of Dvoretzky, Kiefer and Wolfowitz with Massart's constant for each side, and Bonferroni over the
    family; for the share of one category Hoeffding's inequality says the same.
    """
    return [
        one._replace(
            noticed_distance=max(NOTICED, chance),
            unlike_distance=max(UNLIKE_FROM, chance),
        )
        for one in found
        for chance in (_explained_by_chance(one, len(found)),)
    ]


def _explained_by_chance(one: Drift, family: int) -> float:
    """The distance that two samples of these sizes exceed by chance with the family's share of the error."""
    doubt = math.log(2 * family / FAMILY_WISE) / 2
    return math.sqrt(doubt * (1 / one.delivered_count + 1 / one.training_count))


def unlike_deliveries(engine: Engine) -> list[int]:
    """Deliveries whose undecided videos go to people, as the last comparison was written."""
    rows = engine.query(
        f"select distinct delivery_number from {contract.relation(INTO)} where verdict = '{UNLIKE}' "
        "order by delivery_number"
    )
    return [int(number) for number in rows.column(0).to_pylist()]


def _compare(engine: Engine, delivery: int, least_view_count: float) -> list[Drift]:
    columns = {column.name: column for column in contract.columns(SOURCE)}
    features = [name for name in feature_columns() if name != TEXT]
    after_spread = [name for name in features if columns[name].meta.get("known_when") == "after_spread"]
    categories = [name for name in features if columns[name].data_type == "string"]
    parts = [
        f"select '{name}' as feature, "
        + (f"cast(null as double) as number, {name} as category" if name in categories else
           f"cast({name} as double) as number, cast(null as string) as category")
        + f", is_delivered from chosen where {name} is not null"
        + (f" and {SPREAD} >= {float(least_view_count)!r}" if name in after_spread else "")
        for name in features
    ]  # fmt: skip
    rows = engine.query(
        _SQL.format(
            values=" union all ".join(parts),
            columns=", ".join(f"features.{name}" for name in features),
            features=contract.relation(SOURCE),
            videos=contract.relation("fct_videos"),
            delivery=int(delivery),
            bins=_BINS,
        )
    ).to_pylist()
    return [
        Drift(
            delivery,
            row["feature"],
            row["delivered_count"],
            row["training_count"],
            *_told(row, only_larger=row["feature"] in after_spread and not row["feature"].endswith("_rate")),
            stability_index=row["stability_index"],
        )
        for row in rows
        if min(row["delivered_count"], row["training_count"]) >= FEWEST_VIDEOS
    ]


def _told(row: dict[str, Any], *, only_larger: bool) -> tuple[float, str]:
    """The distance that counts, and its direction."""
    if row["is_category"]:
        return row["share_distance"], "other"
    larger, smaller = max(0.0, row["larger_distance"]), max(0.0, row["smaller_distance"])
    if only_larger or larger >= smaller:
        return larger, "larger"
    return smaller, "smaller"


# Distribution functions at every value that occurs on either side; a delivery's values are larger where its function
# lies below. The index of stability is taken over tenths of the training videos, or over the categories.
_SQL = """
with chosen as (
    select {columns}, videos.delivery_number = {delivery} as is_delivered
    from {features} as features
    inner join {videos} as videos on features.video_id = videos.video_id
    where videos.delivery_number = {delivery}
        or (videos.delivery_number < {delivery} and features.split = 'train' and features.is_claim is not null)
),
observed as ({values}),
counted as (
    select feature, number, category,
        cast(count(case when is_delivered then 1 end) as double) as delivered,
        cast(count(case when not is_delivered then 1 end) as double) as trained
    from observed
    group by feature, number, category
),
shares as (
    select feature, number, category, delivered, trained,
        sum(delivered) over (partition by feature) as delivered_total,
        sum(trained) over (partition by feature) as trained_total,
        sum(delivered) over (partition by feature order by number, category
            rows between unbounded preceding and current row) as delivered_up_to,
        sum(trained) over (partition by feature order by number, category
            rows between unbounded preceding and current row) as trained_up_to
    from counted
),
known as (
    select * from shares where delivered_total > 0 and trained_total > 0
),
binned as (
    select feature, sum(delivered) / max(delivered_total) as delivered_share, sum(trained) / max(trained_total) as share
    from known
    group by feature, coalesce(
        category,
        cast(least({bins} - 1, floor({bins} * (trained_up_to - trained / 2) / trained_total)) as string)
    )
),
stability as (
    select feature,
        sum((greatest(delivered_share, 0.0001) - greatest(share, 0.0001))
            * ln(greatest(delivered_share, 0.0001) / greatest(share, 0.0001))) as stability_index
    from binned
    group by feature
)
select known.feature,
    cast(max(known.delivered_total) as bigint) as delivered_count,
    cast(max(known.trained_total) as bigint) as training_count,
    max(case when known.category is not null then 1 else 0 end) = 1 as is_category,
    max(abs(known.delivered / known.delivered_total - known.trained / known.trained_total)) as share_distance,
    max(known.trained_up_to / known.trained_total - known.delivered_up_to / known.delivered_total) as larger_distance,
    max(known.delivered_up_to / known.delivered_total - known.trained_up_to / known.trained_total) as smaller_distance,
    max(stability.stability_index) as stability_index
from known
inner join stability on known.feature = stability.feature
group by known.feature
order by known.feature
"""
