"""Other data, other words, for the classifier: stored rows of whole runs in the normal run, the runs in a slow one."""

from pathlib import Path

import pytest

from tests.wording import changed_runs
from tests.wording.changed_runs import CASES, Case
from tests.wording.test_vocabulary import HONEST, OVERSTATED
from wording import claim_model, claims_and_opinions, first_screen, overview
from wording.rows import Data


def said(data: Data) -> list[str]:
    """The headlines, the first screen, the model page's summary, and the sentences of its tables."""
    sentences = [
        *overview.headlines(data),
        *first_screen.findings(data),
        *claim_model.summary(data["model_metrics"], data["model_comparisons"], data["model_runs"], data["robustness"]),
        claims_and_opinions.typical("views", data["quantiles"]),
    ]
    rows = [*data["model_comparisons"], *data["robustness"]]
    return [*sentences, *(row["sentence"] for row in rows), *(row["summary"] for row in data["model_runs"])]


def check(case: Case, data: Data) -> None:
    sentences = said(data)
    together = " ".join(sentences)
    assert first_screen.findings(data)[0].startswith(case.first)
    assert [words for words in case.must if words not in together] == []
    assert [words for words in case.must_not if words in together] == []
    for sentence in sentences:
        assert not OVERSTATED.search(sentence) or any(words in sentence for words in HONEST), sentence
        assert "None" not in sentence
        assert "nan " not in sentence
    # Nobody is told that the forest is clearly better and that it does not earn its place.
    if claim_model.AGAINST_RULE["clearly better"] in together:
        assert claim_model.champion(data["model_metrics"], data["model_runs"]).find("one-line rule") == -1


@pytest.mark.parametrize("name", CASES)
def test_sentences_follow_the_stored_rows(name: str):
    check(CASES[name], changed_runs.stored(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_sentences_follow_a_whole_run(name: str, tmp_path: Path):
    check(CASES[name], changed_runs.run(CASES[name], tmp_path))
