"""Held-out videos as they looked when they were young: what the comparison of policies and the simulation start from.

A video's history is not delivered, so its youth is made: a fraction of its views, drawn from the hash of its id, stands
for what had been seen, and the rest is still to come. Its probability comes from what is known at publication.
"""

import hashlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from warehouse import contract
from warehouse.protocol import Engine

LARGEST_YOUNG_SHARE = 0.5
"""At most this share of a video's views has been seen when its case is opened."""

_HELD_OUT = """
    select held_out.feature_set, held_out.video_id, held_out.claim_probability,
        cast(videos.is_claim as bigint) as is_claim, videos.video_view_count,
        coalesce(reported.reporter_count, 0) as reporter_count, coalesce(reported.report_weight, 0.0) as report_weight
    from {held_out_predictions} as held_out
    inner join {fct_videos} as videos on held_out.video_id = videos.video_id
    inner join {model_runs} as runs on held_out.model_run_id = runs.model_run_id
    left join (
        select persons.video_id, count(*) as reporter_count, sum(weights.weight) as report_weight
        from (
            select distinct video_id, reporter_hash from {fct_reports} where reporter_hash is not null
        ) as persons
        inner join {reporter_weights} as weights on persons.reporter_hash = weights.reporter_hash
        group by persons.video_id
    ) as reported on held_out.video_id = reported.video_id
    where runs.known_when = 'publication' and not held_out.is_out_of_fold
        and videos.is_claim is not null and videos.video_view_count is not null
    order by held_out.feature_set, held_out.video_id
"""
# The transcript tells more than the account; a warehouse without transcripts has the other one alone.
_BEST_FIRST = ("transcript", "metadata")

_RELATIONS = ("held_out_predictions", "fct_videos", "fct_reports", "reporter_weights", "model_runs")

Values = NDArray[np.float64]


class HeldOut(NamedTuple):
    """Labelled videos that no model was fitted on, by video_id; every array has shape (n,)."""

    is_claim: Values
    claim_probability: Values
    final_views: Values
    young_share: Values
    """The share of the final views that had been seen when the case was opened."""
    report_count: Values
    """One more than the people who had reported it when the case was opened: the same share of all who ever did."""
    weighted_report: Values
    """One more than the sum of their weights, which are learned from training labels alone."""
    arrival: Values
    """Hours since the opening, drawn from another hash: when a video was delivered says nothing about it."""


def read_held_out(engine: Engine) -> HeldOut:
    """Read the held-out videos; bounded by the training sample, and empty before any model was fitted."""
    relations = {name: contract.relation(name) for name in _RELATIONS}
    frame = engine.query(_HELD_OUT.format(**relations)).to_pandas()
    for name in _BEST_FIRST:
        if (chosen := frame["feature_set"] == name).any():
            frame = frame[chosen]
            break
    keys = frame["video_id"].tolist()
    young_share = LARGEST_YOUNG_SHARE * _uniform(keys, "age")
    return HeldOut(
        is_claim=frame["is_claim"].to_numpy(dtype=np.float64),
        claim_probability=frame["claim_probability"].to_numpy(dtype=np.float64),
        final_views=frame["video_view_count"].to_numpy(dtype=np.float64),
        young_share=young_share,
        report_count=1 + np.floor(frame["reporter_count"].to_numpy(dtype=np.float64) * young_share),
        weighted_report=1 + frame["report_weight"].to_numpy(dtype=np.float64) * young_share,
        arrival=24 * _uniform(keys, "arrival"),
    )


def _uniform(keys: list[int], salt: str) -> Values:
    """Numbers in (0, 1) that depend on the keys alone."""
    digests = (hashlib.md5(f"{salt}{key}".encode(), usedforsecurity=False).digest() for key in keys)
    return np.array([(int.from_bytes(digest[:6]) + 0.5) / 2**48 for digest in digests], dtype=np.float64)
