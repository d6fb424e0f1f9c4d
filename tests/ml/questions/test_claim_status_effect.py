import pytest

from ml.questions.claim_status_effect import explain
from ml.statistics.moments import EMPTY, Moments


def group(count: int, mean: int) -> Moments:
    """Rows that alternate ten below and ten above a mean."""
    return Moments.of([mean - 10, mean + 10] * (count // 2))


def by_stratum(not_verified: dict[str, Moments], verified: dict[str, Moments]):
    cells = {
        name: {False: not_verified.get(name, EMPTY), True: verified.get(name, EMPTY)} for name in ("claim", "opinion")
    }
    everything = {side: cells["claim"][side].merge(cells["opinion"][side]) for side in (False, True)}
    return {"all": everything, **cells}


@pytest.mark.parametrize(
    ("not_verified", "verified", "verdict", "words"),
    [
        (
            {"claim": group(600, 500), "opinion": group(400, 100)},
            {"claim": group(100, 500), "opinion": group(400, 100)},
            "explained",
            "claim status explains this difference",
        ),
        (
            {"claim": group(500, 520), "opinion": group(500, 120)},
            {"claim": group(500, 500), "opinion": group(500, 100)},
            "not explained",
            "claim status does not explain this",
        ),
        (
            {"claim": group(600, 550), "opinion": group(400, 150)},
            {"claim": group(300, 500), "opinion": group(600, 100)},
            "partly explained",
            "of this. With equal shares of claims there is a difference",
        ),
        (
            {"claim": group(800, 500), "opinion": group(200, 100)},
            {"claim": group(200, 520), "opinion": group(800, 120)},
            "reversed",
            "the direction turns",
        ),
        (
            {"claim": group(500, 500), "opinion": group(500, 100)},
            {"claim": group(500, 500), "opinion": group(500, 100)},
            "no difference",
            "No difference in mean views",
        ),
        (
            {"claim": group(520, 500), "opinion": group(480, 100)},
            {"claim": group(500, 508), "opinion": group(500, 108)},
            "masked",
            "claim status masks one",
        ),
        ({"claim": group(10, 500)}, {}, "not testable", "one of the two groups is empty"),
        ({"claim": group(10, 500)}, {"opinion": group(10, 100)}, "not testable", "no row among claim"),
        ({"claim": Moments.of([5, 5])}, {"claim": Moments.of([5, 5])}, "not testable", "neither group varies"),
    ],
)
def test_the_verdict_follows_the_data(not_verified, verified, verdict, words) -> None:
    explanation = explain("video_view_count", by_stratum(not_verified, verified))
    assert explanation.verdict == verdict
    assert words in explanation.sentence
