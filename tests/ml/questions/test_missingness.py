"""Whether the unlabelled videos are a random part of all."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ml.questions.missingness import claim_share, missingness_results, same_profile
from ml.questions.results import as_rows
from wording.statistical_results import with_sentences

CLAIMS = np.array([6_400.0, 1_400, 1_600, 160])
OPINIONS = np.array([7_900.0, 170, 410, 920])


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_share_of_claims_is_recovered(share) -> None:
    mixed = np.round(2_000 * (share * CLAIMS / CLAIMS.sum() + (1 - share) * OPINIONS / OPINIONS.sum()))
    found = claim_share(mixed, CLAIMS, OPINIONS)
    assert found is not None
    assert found.estimate == pytest.approx(share, abs=0.01)
    assert found.lower_bound <= share + 1e-9
    assert share - 1e-9 <= found.upper_bound


def test_profiles_agree_with_scipy() -> None:
    ours = same_profile(CLAIMS, OPINIONS)
    theirs = stats.chi2_contingency(np.vstack([CLAIMS, OPINIONS]), correction=False)
    assert ours is not None
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)


@pytest.mark.parametrize(
    ("unlabelled", "claims", "opinions", "words"),
    [
        ([0, 0], [5, 5], [5, 5], "Every video is labelled"),
        ([3, 4], [0, 0], [0, 0], "cannot be compared"),
        ([3, 0], [5, 0], [5, 0], "cannot be compared"),
        ([3, 4], [5, 5], [5, 5], "cannot be estimated"),
    ],
)
def test_what_cannot_be_told_is_a_sentence(unlabelled, claims, opinions, words) -> None:
    labelled = np.add(claims, opinions)
    cells = pd.DataFrame(
        {
            "unlabelled_count": unlabelled,
            "claim_count": claims,
            "opinion_count": opinions,
            "labelled_count": labelled,
        }
    )
    rows = with_sentences(as_rows(missingness_results(cells)))
    assert any(words in row["sentence"] for row in rows)
