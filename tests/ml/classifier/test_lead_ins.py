"""Transcripts are taken apart into lead-in and fact."""

import numpy as np
import pandas as pd

from ml.classifier.lead_ins import swapped, take_apart

TEXTS = pd.Series(
    [
        "a friend told me that snow is warm",
        "in our opinion snow is warm",
        "my view is that clocks that stop are right",
        "nothing to split here",
    ],
    dtype="str",
)


def test_a_transcript_is_taken_apart_at_that_or_before_a_known_saying() -> None:
    parts = take_apart(TEXTS)
    assert parts.lead_in.tolist() == ["a friend told me that", "in our opinion", "my view is that", ""]
    assert parts.said.tolist() == [
        "snow is warm",
        "snow is warm",
        "clocks that stop are right",
        "nothing to split here",
    ]
    assert parts.subject.tolist() == ["a friend", "in", "my", ""]


def test_swapping_gives_every_text_a_lead_in_of_the_other_class() -> None:
    parts, label = take_apart(TEXTS[:3]), np.array([True, False, False])
    exchanged = swapped(parts, label)
    assert exchanged[0] in {"in our opinion snow is warm", "my view is that snow is warm"}
    assert exchanged[1:].tolist() == [
        "a friend told me that snow is warm",
        "a friend told me that clocks that stop are right",
    ]
