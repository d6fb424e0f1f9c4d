"""Words that no count supports, and words that only a verdict allows, on every page, summary, handout and card."""

import re

import pytest

from tests.wording.told import Told
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.settings import Settings
from wording import codes

# What only a design could show, and what only equivalence could. «So» needs its premise beside it.
OVERSTATED = re.compile(
    r"\bcaus(?:e[sd]?|ing|al(?:ly)?)\b|\bdue to\b|\bbecause of\b|\bleads? to\b|\bthanks to\b|\bproves?\b|\bproof\b"
    r"|\bdrives?\b|\bdriven by\b|adds? nothing|nothing remains|not the cause|clearly no\b|\bSo the\b"
    r"|\bobviously\b|\bundoubtedly\b|\bdefinitely\b|\bguarantees?\b|\bwithout (?:a )?doubt\b|\bcertainly\b",
    re.IGNORECASE,
)
# These say what must not be read into a number.
HONEST = (
    "It does not show what causes what",
    "They show what goes together, not what causes what",
    "they show what goes together, not what causes what",
    "This shows links, not causes",
    "That one thing causes another",
    "is not proof of none",
)
CLEAR = re.compile(r"\bclear(?:ly)?\b")
NOT_CLEAR = re.compile(r"\b(?:[Nn]o|not|[Nn]othing|none)\b[^.;]*\bclear(?:ly)?\b")
RAW = re.compile(r"\b(?:video|author|verified|claim)_[a-z_]+\b|\b[a-z_]+_(?:rate|share|count|status|sec)\b")


def overstated(document: Told) -> list[str]:
    return [said for said in document.said if OVERSTATED.search(said) and not any(part in said for part in HONEST)]


def test_nothing_is_said_that_only_a_design_could_show(told: list[Told]):
    assert {document.name: found for document in told if (found := overstated(document))} == {}


def test_every_honest_exception_is_needed(told: list[Told]):
    said = " ".join(sentence for document in told for sentence in document.said)
    assert [words for words in HONEST if words not in said] == []


@pytest.mark.parametrize(
    ("table", "allowing"),
    [
        ("statistical_results", {codes.CLEAR, codes.GOES_WITH, codes.DIFFERS, *codes.DIFFERENCE_VERDICTS}),
        ("model_comparisons", {"clearly better", "clearly worse"}),
    ],
)
def test_clear_is_a_word_of_verdicts(release: Settings, table: str, allowing: set[str]):
    with DuckDBEngine.open_release(release) as engine:
        rows = engine.query(f"select * from {contract.relation(table)}").to_pylist()
    assert rows
    for row in rows:
        says_clear = CLEAR.search(row["sentence"]) and not NOT_CLEAR.search(row["sentence"])
        if says_clear:
            assert row["verdict"] in allowing, row["sentence"]
            p_value = row["p_value"] if row.get("adjusted_p_value") is None else row["adjusted_p_value"]
            assert p_value is None or p_value < codes.SIGNIFICANCE, row["sentence"]
        elif row["verdict"] in {codes.CLEAR, "clearly better", "clearly worse"}:
            assert not re.search("no clear|not found|cannot be told", row["sentence"]), row["sentence"]


def test_percentages_are_spelled_one_way_and_columns_have_words(told: list[Told]):
    for document in told:
        for sentence in document.said:
            assert not re.search(r"\d%", sentence), (document.name, sentence)
            # The dictionary and the page on the data are about columns; a name in code style is meant as one.
            if document.name not in {"dictionary.html", "data.html"}:
                assert not RAW.search(re.sub(r"`[^`]*`|\(table \w+\)", "", sentence)), (document.name, sentence)
            assert not re.search(r"(?<![\d.])0\.0{3,}\b", sentence), (document.name, sentence)
