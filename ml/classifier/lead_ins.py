"""Takes transcripts apart into lead-in ('someone told me that') and what is said, to see which a model reads."""

from typing import NamedTuple

import numpy as np
import pandas as pd

MARK = " that "


class Transcripts(NamedTuple):
    """Transcripts in two parts."""

    lead_in: np.ndarray
    said: np.ndarray
    subject: np.ndarray
    """The first word of the lead-in, or the first two behind an article: who speaks."""


def take_apart(texts: pd.Series) -> Transcripts:
    """Split each transcript after the first 'that', or before a saying that others say behind a 'that'.

    Args:
        texts: Transcripts without missing values.

    Returns:
        The parts; where neither sign is found the lead-in is empty.
    """
    split = texts.str.partition(MARK)
    known = set(split.loc[split[1] == MARK, 2])
    pairs = [
        (f"{before}{MARK}".rstrip(), after) if mark else _before_known(before, known)
        for before, mark, after in split.itertuples(index=False)
    ]
    lead_ins = np.array([lead_in for lead_in, _ in pairs], dtype=object)
    said = np.array([rest for _, rest in pairs], dtype=object)
    return Transcripts(lead_ins, said, np.array([_subject(lead_in) for lead_in in lead_ins], dtype=object))


def swapped(parts: Transcripts, label: np.ndarray, seed: int = 0) -> pd.Series:
    """Every transcript with a lead-in of the other class before what it says.

    Args:
        parts: Transcripts in two parts.
        label: Whether each is a claim; shape (rows,).
        seed: Of the choice.

    Returns:
        New transcripts, whose labels stay those of what is said.
    """
    generator = np.random.default_rng(seed)
    chosen = np.empty(len(label), dtype=object)
    for side in (label, ~label):
        chosen[side] = generator.choice(parts.lead_in[~side], size=int(side.sum()))
    return pd.Series([f"{lead_in} {said}" for lead_in, said in zip(chosen, parts.said, strict=True)], dtype="str")


def _before_known(text: str, known: set[str]) -> tuple[str, str]:
    words = text.split(" ")
    for position in range(1, len(words)):
        rest = " ".join(words[position:])
        if rest in known:
            return " ".join(words[:position]), rest
    return "", text


def _subject(lead_in: str) -> str:
    words = lead_in.split()
    return " ".join(words[:2] if words[:1] in (["a"], ["an"], ["the"]) else words[:1])
