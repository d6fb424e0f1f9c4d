"""One release, one story: pages, summaries, handouts, model cards and terminal agree with each other and add up."""

import csv
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from tests.wording.told import Told, blocks, sentences
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.settings import Settings
from wording import claim_model, codes, numbers

SHORT = 4
"""Words of a phrase that may stand twice, such as the name of a page."""
NUMBER = r"([\d,.]*\d)"
SHARE = r"((?:over |under )?[\d.]+ %)"
# One cell of a table, in the words of each place that prints it.
CELLS = {
    "videos": rf"There are {NUMBER} videos",
    "claims": rf"{NUMBER} make a claim",
    "opinions": rf"{NUMBER} state an opinion",
    "records": rf"We received {NUMBER} records",
    "checks": r"(The data (?:passed|failed).*)",
    "missing": r"(Values are missing in .*)",
    "views of labelled videos": r"of the ([\d.]+ \w+|[\d,]+) views of labelled videos",
    "the larger share of them": rf"views of labelled videos: {SHARE}",
    "the gap": rf"(?:Videos|Among all labelled videos, those) of accounts that are not verified have on average"
    rf" {NUMBER} more views",
    "the forest": rf"From counts of views and the like, the random forest is right on {SHARE} of {NUMBER} videos",
    "its errors": rf"It missed {NUMBER} claims? and took {NUMBER} opinions? for claims",
    "the rule": rf"A rule of one line is right on {SHARE} of the same videos",
    "the champion": r"^The simplest model that nothing clearly beats is the ([\w -]+)$",
    "the regression": rf"the model finds {NUMBER} of|It is right {SHARE} of the time",
    "the backlog": rf"Backlog: {NUMBER} reports? and {NUMBER} decisions? have come in",
    "the team": r"[Ii]n the simulation (\d+ moderators?) decide",
    "the order of arrival": rf"With room (?:to review|for) 25\.0 % .*order of arrival (?:shows )?{SHARE}",
}


@pytest.fixture(scope="module")
def report(release: Settings) -> Path:
    return release.current / "report"


def everything(told: list[Told]) -> list[str]:
    return [sentence for document in told for sentence in document.said]


def one(told: list[Told], pattern: str) -> re.Match[str]:
    """The first sentence that a pattern finds."""
    found = next((match for sentence in everything(told) if (match := re.search(pattern, sentence))), None)
    assert found, pattern
    return found


def value(text: str) -> float:
    return float(text.replace(",", "").removesuffix(" %"))


def csv_rows(report: Path, name: str) -> list[dict[str, str]]:
    with (report / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_no_sentence_stands_twice_on_a_page(report: Path):
    for path in report.glob("*.html"):
        found = Counter(
            sentence
            for block in blocks(path.read_text(encoding="utf-8"))
            if not block.in_table
            for sentence in sentences(block.text)
            if len(sentence.split()) > SHORT
        )
        assert {sentence: count for sentence, count in found.items() if count > 1} == {}, path.name


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_is_the_same_number_wherever_it_is_printed(told: list[Told], cell: str):
    found = {
        match.groups(): document.name
        for document in told
        for sentence in document.said
        if (match := re.search(CELLS[cell], sentence))
    }
    assert len({groups for groups in found if None not in groups}) <= 1, found


def test_the_cells_are_printed_more_than_once(told: list[Told]):
    """Otherwise the test above compares nothing."""
    printed = Counter(cell for cell, words in CELLS.items() for said in everything(told) if re.search(words, said))
    assert all(printed[cell] > 1 for cell in ("videos", "claims", "the gap", "the forest", "the rule", "checks"))


def test_every_verdict_is_the_tables(release: Settings, told: list[Told]):
    with DuckDBEngine.open_release(release) as engine:
        comparisons = engine.query(f"select * from {contract.relation('model_comparisons')}").to_pylist()
    (verdict,) = {
        row["verdict"]
        for row in comparisons
        if (row["feature_set"], row["model_name"], row["comparison"])
        == (claim_model.HEADLINE_FEATURE_SET, codes.FOREST, "against_rule")
    }
    said = {
        name
        for document in told
        for sentence in document.said
        for name, words in claim_model.AGAINST_RULE.items()
        if sentence == words.removesuffix(".")
    }
    assert said == {verdict}


def test_parts_add_up_to_their_wholes(told: list[Told]):
    parts = one(told, rf"There are {NUMBER} videos: (.*)")
    assert sum(value(part) for part in re.findall(rf"{NUMBER} (?:make|state|have)", parts[2])) == value(parts[1])
    shares = one(told, rf"views of labelled videos: {SHARE}, and \w+ {SHARE}")
    assert sum(value(share) for share in shares.groups()) == pytest.approx(100, abs=0.05)
    groups = one(told, rf"^Not verified: {NUMBER} claims and {NUMBER} opinions; verified: {NUMBER} claims and {NUMBER}")
    claims, opinions = one(told, CELLS["claims"]), one(told, CELLS["opinions"])
    assert value(groups[1]) + value(groups[3]) == value(claims[1])
    assert value(groups[2]) + value(groups[4]) == value(opinions[1])


def test_errors_are_what_the_accuracy_leaves(told: list[Told]):
    forest, errors = one(told, CELLS["the forest"]), one(told, CELLS["its errors"])
    wrong = value(errors[1]) + value(errors[2])
    assert numbers.share(1 - wrong / value(forest[2])).replace("\u00a0", " ") == forest[1]
    card = next(document for document in told if document.name == f"{claim_model.HEADLINE_FEATURE_SET}.md")
    assert any(f"{wrong:,.0f} of {forest[2]} held-out videos wrong" in sentence for sentence in card.said)


def test_a_difference_is_that_of_the_printed_numbers(told: list[Told]):
    """Whoever subtracts the two percentages of a sentence before gets the points that are printed."""
    for document in told:
        for place, sentence in enumerate(document.said):
            found = re.search(r"([\d.]+) percentage points more of these views", sentence)
            if found:
                before = " ".join(document.said[max(0, place - 3) : place])
                shares = [value(share) for share in re.findall(r"[\d.]+ %", before)]
                differences = {round(abs(one - other), 1) for one in shares for other in shares}
                assert float(found[1]) in differences, (document.name, before, sentence)


def test_pending_cases_are_those_before_plus_opened_minus_closed(report: Path):
    path = report / "csv" / "queue-cases-day-by-day.csv"
    days = csv_rows(report, "queue-cases-day-by-day") if path.exists() else []
    for before, row in pairwise(days):
        opened, closed = (
            sum(int(row[f"{name}_count"]) for name in names)
            for names in (("opened", "reopened"), ("decided", "labelled"))
        )
        assert int(row["pending_count"]) == int(before["pending_count"]) + opened - closed


def test_counts_are_those_of_the_lists(told: list[Told], report: Path):
    warned = one(told, r"may flatter the models, and found (\d+)")
    page = (report / "model.html").read_text(encoding="utf-8")
    part = page[page.index('id="robustness"') : page.index('id="growth"')]
    assert part.count("<li>") == int(warned[1])
    columns = csv_rows(report, "data-missing-values-by-column")
    gaps = one(told, r"Values are missing in (\d+) of (\d+) columns")
    assert int(gaps[1]) == sum(int(row["null_count"]) > 0 for row in columns)
    assert int(gaps[2]) == len(columns)
    checks = one(told, r"The data (?:passed all|failed \d+ of) (\d+) checks")
    assert int(checks[1]) == len(csv_rows(report, "data-every-check-of-the-audits"))
    assumptions = csv_rows(report, "verified-assumptions-what-they-mean-here-and-what-was-done")
    checked = one(told, r"We checked (\d+) points")
    assert int(checked[1]) == len(assumptions)
    failed = one(told, r"(\d+) of them failed")
    assert int(failed[1]) == sum(row["status"] == "failed" for row in assumptions)
    by_summary = re.findall(r"(\d+) assumptions were checked", " ".join(everything(told)))
    assert sum(map(int, by_summary)) == len(assumptions)
    delivered = one(told, r"records in (one|\d+) files?")
    assert len(csv_rows(report, "data-records-per-delivery")) == (1 if delivered[1] == "one" else int(delivered[1]))
