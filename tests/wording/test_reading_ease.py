"""Executive summaries are written for people who are not data people: Flesch-Kincaid grade nine at most."""

import re

import pyphen
import pytest

from reports.content import Page
from warehouse.settings import Settings

GRADE = 9
_SYLLABLES = pyphen.Pyphen(lang="en_US")


def grade(sentences: list[str]) -> float:
    """Flesch-Kincaid grade: 0.39 words per sentence + 11.8 syllables per word - 15.59; numbers are short words."""
    text = " ".join(sentences)
    words = re.findall(r"[A-Za-z]+(?:['’][a-z]+)?|\d[\d,.]*", text)
    ends = len(re.findall(r"[.!?](?:\s|$)", text))
    syllables = sum(1 if word[0].isdigit() else len(_SYLLABLES.inserted(word.lower()).split("-")) for word in words)
    return 0.39 * len(words) / max(1, ends) + 11.8 * syllables / len(words) - 15.59


def test_the_formula_tells_plain_from_hard():
    assert grade(["The cat sat on the mat."]) < 2
    assert (
        grade(["Heteroscedasticity-consistent estimators characterise asymptotic distributional approximations."]) > 20
    )


@pytest.mark.parametrize("name", ["index", "dashboard", "data", "verified", "model", "queue"])
def test_summaries_are_plain(twin_pages: list[Page], name: str):
    summary = next(page.summary for page in twin_pages if page.name == name)
    assert grade(list(summary)) <= GRADE, summary


@pytest.mark.parametrize("name", ["index", "dashboard", "data", "verified", "model", "queue"])
def test_summaries_fit_a_printed_page(twin_pages: list[Page], name: str):
    summary = next(page.summary for page in twin_pages if page.name == name)
    assert len(" ".join(summary).split()) < 300


def test_talking_points_are_plain(twin_pages: list[Page]):
    page = next(page for page in twin_pages if page.name == "talking-points")
    assert grade([item for section in page.sections for block in section.blocks for item in block.items]) <= GRADE


def test_every_summary_and_handout_is_plain(release: Settings):
    """Also with their numbers and assumptions, which data people ask for."""
    pages = [*(release.current / "summaries").glob("*.md"), *(release.current / "handouts").glob("*.md")]
    assert len(pages) == 8
    for page in pages:
        lines = [
            line.strip("-* ") for line in page.read_text(encoding="utf-8").splitlines() if line[:1] not in {"#", ""}
        ]
        assert grade(lines) <= GRADE, page.name


# Words of the trade that no summary of a page uses; tables and appendices may.
JARGON = re.compile(
    r"\b(?:McNemar|ROC|AUC|Holm|Welch|TOST|Cohen|Cliff|Brier|logit|p-values?|quantiles?|percentiles?|heteroscedastic\w*"
    r"|multicollinear\w*|cross-validation|hyperparameters?|log-odds|likelihood)\b"
)


@pytest.mark.parametrize("name", ["index", "dashboard", "data", "verified", "model", "queue"])
def test_summaries_use_no_word_of_the_trade(twin_pages: list[Page], name: str):
    page = next(page for page in twin_pages if page.name == name)
    assert [sentence for sentence in page.summary if JARGON.search(sentence)] == []


def test_sentences_of_the_first_screen_are_short(twin_pages: list[Page]):
    sentences = [part for line in twin_pages[0].summary for part in re.split(r"(?<=\.)\s", line)]
    assert max(len(sentence.split()) for sentence in sentences) <= 40
