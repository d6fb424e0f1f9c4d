"""Other data, other words: data sets changed by fixed rules, each with the verdict and the sentences that it must give.

The videos are two thousand of the synthetic twin. In all but the first a rule says who is verified, so that each class
holds enough of both kinds of account for equivalence to be shown.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from ml import analyze
from ml.statistics import resampling
from pipeline.landing.synthetic import write_synthetic
from warehouse import contract
from wording import claims_and_opinions, codes, verified_accounts, verified_regression
from wording.summaries import render

ROWS = 2_000
VIEWS = "video_view_count"


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    path = tmp_path_factory.mktemp("twin") / "twin.csv"
    write_synthetic(path, ROWS, 11)
    videos = pd.read_csv(path, na_values=["#N/A"])
    return videos.drop(columns=["#", "video_transcription_text"]).dropna().reset_index(drop=True)


def drawn(videos: pd.DataFrame, claims: float = 0.4, opinions: float = 0.7) -> pd.DataFrame:
    """Who is verified, spread evenly over the views of each class: within it the two groups are alike."""
    share = videos["claim_status"].map({"claim": claims, "opinion": opinions})
    place = videos.groupby("claim_status")[VIEWS].rank(method="first")
    is_verified = np.floor(place * share) > np.floor((place - 1) * share)
    return videos.assign(verified_status=np.where(is_verified, "verified", "not verified"))


def times(videos: pd.DataFrame, factor: float, among: str | None = None) -> pd.DataFrame:
    """Views of verified accounts, in all classes or in one, times a factor."""
    chosen = videos["verified_status"] == "verified"
    if among is not None:
        chosen &= videos["claim_status"] == among
    return videos.assign(**{VIEWS: np.where(chosen, np.round(videos[VIEWS] * factor), videos[VIEWS])})


def lognormal(videos: pd.DataFrame) -> pd.DataFrame:
    views = np.random.default_rng(2).lognormal(9, 1, len(videos)).round()
    return drawn(videos).assign(**{VIEWS: views})


def few_verified(videos: pd.DataFrame) -> pd.DataFrame:
    videos = drawn(videos)
    kept = videos[videos["verified_status"] == "verified"].sample(40, random_state=1)
    return pd.concat([videos[videos["verified_status"] != "verified"], kept])


def inverted(videos: pd.DataFrame) -> pd.DataFrame:
    return drawn(videos).assign(claim_status=lambda x: x["claim_status"].map({"claim": "opinion", "opinion": "claim"}))


def permuted(videos: pd.DataFrame) -> pd.DataFrame:
    labels = videos["claim_status"].sample(frac=1, random_state=3).to_numpy()
    return drawn(videos).assign(claim_status=labels)


class Case(NamedTuple):
    change: Callable[[pd.DataFrame], pd.DataFrame]
    verdicts: set[str]
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()


SHARE_OF_GAP = "of this gap"
CASES = {
    "as it is, with few verified accounts": Case(
        lambda x: x, {"undecided"}, ("cannot decide", "It would take about"), ("it closes",)
    ),
    "drawn by class alone": Case(
        drawn, {"explained"}, ("it closes", "alike to within"), (SHARE_OF_GAP, "cannot decide")
    ),
    "verified views times three": Case(
        lambda x: times(drawn(x), 3),
        {"masked", "not_explained", "reversed"},
        ("among claims those not verified have", "among opinions those not verified have", "fewer views"),
        ("alike to within", "it closes", SHARE_OF_GAP),
    ),
    "verified opinions times three": Case(
        lambda x: times(drawn(x), 3, "opinion"),
        {"differs_in_one_class"},
        ("they differ among opinions", "among claims they are alike"),
        ("it closes",),
    ),
    "verified claims halved": Case(
        lambda x: times(drawn(x), 0.5, "claim"),
        {"differs_in_one_class"},
        ("they differ among claims", "among opinions they are alike"),
        ("it closes",),
    ),
    "views without classes": Case(
        lognormal, {"no_difference", "undecided"}, (), (SHARE_OF_GAP, "it closes", "goes with what they post")
    ),
    "forty verified accounts": Case(few_verified, {"undecided"}, ("cannot decide", "there are"), ("it closes",)),
    "the same classes in both groups": Case(
        lambda x: drawn(x, 0.5, 0.5), {"no_difference"}, ("the same number of views",), (SHARE_OF_GAP,)
    ),
    "the same classes, claims up and opinions down": Case(
        lambda x: times(times(drawn(x, 0.5, 0.5), 1.6, "claim"), 0.3, "opinion"),
        {"not_explained", "masked"},
        ("among opinions those not verified have",),
        ("it closes", SHARE_OF_GAP),
    ),
    "a part within the classes": Case(
        lambda x: times(drawn(x, 0.3, 0.7), 0.6), {"partly_explained"}, (SHARE_OF_GAP,), ("it closes",)
    ),
    "the other way within": Case(
        lambda x: times(drawn(x, 0.2, 0.8), 1.4), {"reversed"}, ("points the other way", "fewer views"), (SHARE_OF_GAP,)
    ),
    "labels inverted": Case(inverted, {"explained"}, ("it closes",), ()),
    "labels permuted": Case(permuted, {"not_explained"}, ("does not account",), ("it closes", SHARE_OF_GAP)),
    "nobody verified": Case(
        lambda x: x.assign(verified_status="not verified"), {"not_testable"}, ("cannot be compared",), ("alike",)
    ),
    "verified accounts post no claims": Case(
        lambda x: drawn(x, 0.0, 0.5), {"not_testable"}, ("cannot be compared apart",), ("alike", "it closes")
    ),
    "every video has the same views": Case(
        lambda x: drawn(x).assign(**{VIEWS: 7}), {"not_testable"}, ("cannot be compared",), ("alike",)
    ),
}


ANALYSED: dict[str, dict[str, list[dict]]] = {}
"""Each case is analysed once for all tests."""


@pytest.fixture(params=list(CASES))
def analysed(request, twin, engine_of, monkeypatch):
    monkeypatch.setattr(resampling, "DRAWS", 30)
    case = CASES[request.param]
    if request.param not in ANALYSED:
        engine = engine_of(case.change(twin).reset_index(drop=True))
        analyze.run(engine)
        ANALYSED[request.param] = {
            name: engine.query(f"select * from {contract.relation(name)}").to_pylist()
            for name in ("statistical_results", "assumption_checks", "regression_performance", "metric_ranking")
        }
    return case, ANALYSED[request.param]


# What only a design could show, and what only equivalence could: no sentence about data says it.
OVERSTATED = re.compile(
    r"\bcaus(?:e[sd]?|ing)\b|\bdue to\b|\bbecause of\b|\bleads? to\b|\bthanks to\b|\bproves?\b|\bproof\b|adds? nothing"
    r"|nothing remains|not the cause|clearly no\b|\bSo the\b",
    re.IGNORECASE,
)
HONEST = ("It does not show what causes what", "is not proof of none")


def test_the_words_follow_the_data(analysed) -> None:
    case, tables = analysed
    results = tables["statistical_results"]
    headline = verified_accounts.finding(results)
    assert verified_accounts.verdict(results) in case.verdicts, headline
    for words in case.must:
        assert words in headline
    for words in case.must_not:
        assert words not in headline
    said = [row["sentence"] for name in ("statistical_results", "regression_performance", "metric_ranking")
            for row in tables[name]]  # fmt: skip
    said += [verified_regression.links(results), verified_accounts.advice(results)]
    said += [line for line in "\n".join(
        render(results, tables["assumption_checks"], tables["regression_performance"]).values()
    ).splitlines() if not any(words in line for words in HONEST)]  # fmt: skip
    for sentence in said:
        assert not OVERSTATED.search(sentence), sentence
        assert "None" not in sentence
        assert not re.search(r"\bnan\b", sentence)
        for percent in re.findall(r"[-\u2212]?\d[\d,.]*(?=\u00a0%)", sentence):
            assert 0 <= float(percent.replace(",", "")) <= 100, sentence
    # The summary's answer is the headline, word for word.
    answer = render(results, [], [])["verified-and-other-accounts.md"]
    assert f"## Answer\n\n{headline}\n" in answer


def test_a_share_of_the_gap_is_printed_in_one_verdict_only(analysed) -> None:
    _, tables = analysed
    row = tables["statistical_results"][0]
    assert (row["estimate"] is not None) == (row["verdict"] == "partly_explained")


def test_direction_is_never_assumed(twin: pd.DataFrame) -> None:
    """With the labels inverted opinions are what draws the views, and the sentences say so."""
    counts = twin.groupby("claim_status")[VIEWS].agg(["size", "sum"]).rename(columns={"size": "video_count"})
    statuses = [
        {"claim_status": name, "video_count": int(row["video_count"]), "total_views": int(row["sum"])}
        for name, row in counts.iterrows()
    ]
    swapped = [
        {**row, "claim_status": {"claim": "opinion", "opinion": "claim"}[row["claim_status"]]} for row in statuses
    ]
    assert claims_and_opinions.view_share(statuses).startswith("Claims draw almost all")
    assert claims_and_opinions.view_share(swapped).startswith("Opinions draw almost all")


def test_verdicts_and_reasons_are_categories_of_the_contract() -> None:
    """The codes that Python spells, the texts of the seed and the values that dbt accepts are the same."""
    spelled = {
        *codes.DIFFERENCE_VERDICTS,
        *codes.GAP_VERDICTS,
        *codes.TEST_VERDICTS,
        *codes.TERM_VERDICTS,
        *codes.SIZE_VERDICTS,
    }
    assert spelled == set(codes.codes("verdict"))
    declared = (contract.DBT_PROJECT / "models" / "ml" / "statistical_results.yml").read_text(encoding="utf-8")
    accepted = re.search(r"name: verdict.*?values:\s*\[(.*?)\]", declared, re.DOTALL)
    assert accepted is not None
    assert spelled == {value.strip() for value in accepted[1].split(",")}
