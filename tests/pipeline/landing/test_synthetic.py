"""The synthetic twin against the published file's description, and against the file itself where it is present."""

import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipeline.landing.synthetic import MAXIMUM_ROWS, SOURCES, read_phrases, write_synthetic
from warehouse.settings import ROOT

ROWS = 19_382
SEED = 7
COUNTS = [f"video_{name}_count" for name in ("view", "like", "share", "download", "comment")]
COLUMNS = [
    "#",
    "claim_status",
    "video_id",
    "video_duration_sec",
    "video_transcription_text",
    "verified_status",
    "author_ban_status",
    *COUNTS,
]
# Below it a difference is no accident. Seeds are fixed, so nothing here passes or fails by chance.
ALPHA = 0.001


def read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, na_values=["", "#N/A"], keep_default_na=False)


@pytest.fixture(scope="module")
def twin_path(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("twin") / "twin.csv"
    assert write_synthetic(path, ROWS, SEED) == ROWS
    return path


@pytest.fixture(scope="module")
def twin(twin_path) -> pd.DataFrame:
    return read(twin_path)


@pytest.fixture(scope="module")
def real_path() -> Path:
    path = Path(os.environ.get("TIKTOK_CSV") or ROOT.parent / "shared" / "data" / "tiktok_dataset.csv")
    if not path.exists():
        pytest.skip("the published dataset is not at hand; name it in TIKTOK_CSV")
    return path


@pytest.fixture(params=["twin", "real"])
def either(request) -> pd.DataFrame:
    """The twin, then the published file: one description holds for both."""
    if request.param == "twin":
        return request.getfixturevalue("twin")
    return read(request.getfixturevalue("real_path"))


# The file


def test_file_has_the_published_dialect(twin_path):
    content = twin_path.read_bytes()
    lines = content.split(b"\r\n")
    assert lines[0].decode() == ",".join(COLUMNS)
    assert len(lines) == ROWS + 1
    assert not content.endswith(b"\n")
    assert content.count(b"\n") == content.count(b"\r") == ROWS
    assert content.decode("utf-8") == content.decode("utf-8").lower().replace("#n/a", "#N/A")
    assert lines[-1].startswith(f"{ROWS},,".encode())
    assert lines[-1].endswith(b"active" + b",#N/A" * 5)


def test_transcripts_are_quoted_only_when_they_must_be(twin_path):
    lines = twin_path.read_text(encoding="utf-8").splitlines()[1 : ROWS - 298]
    quoted = [line for line in lines if '"' in line]
    assert 0.05 < len(quoted) / len(lines) < 0.2
    for line in quoted:
        transcript = line.split(",", 4)[4].rsplit(",", 7)[0]
        assert transcript[0] == transcript[-1] == '"'
        assert "," in transcript or '""' in transcript
    assert any('""' in line for line in quoted)
    assert all(line.count(",") == 11 for line in lines if '"' not in line)


def test_header_and_line_ends_are_the_published_ones(twin_path, real_path):
    ours, published = twin_path.read_bytes(), real_path.read_bytes()
    assert ours.split(b"\r\n")[0] == published.split(b"\r\n")[0]
    assert ours.count(b"\r\n") == published.count(b"\r\n")
    assert ours[-40:].split(b",")[-5:] == published[-40:].split(b",")[-5:]


def test_parquet_holds_the_same_videos(twin, tmp_path):
    path = tmp_path / "twin.parquet"
    write_synthetic(path, ROWS, SEED)
    pd.testing.assert_frame_equal(read(path), twin, check_dtype=False)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_bytes_depend_on_the_seed_and_not_on_the_threads(suffix, tmp_path):
    # Large enough that several threads have work.
    written = {}
    for threads in (1, 2, 4):
        path = tmp_path / f"threads_{threads}{suffix}"
        write_synthetic(path, 260_000, SEED, threads=threads)
        written[threads] = path.read_bytes()
    assert written[1] == written[2] == written[4]
    other = tmp_path / f"other{suffix}"
    write_synthetic(other, 260_000, SEED + 1)
    assert other.read_bytes() != written[1]


def test_draws_are_pinned(twin):
    # A DuckDB release that changes hash() would change every twin: this is where it shows.
    pinned = [
        [7390967801, 39, 874743, 493886, 152699, 8667, 910],
        [7712830358, 33, 961965, 156157, 57490, 2743, 322],
    ]
    assert twin.loc[:1, ["video_id", "video_duration_sec", *COUNTS]].astype(int).to_numpy().tolist() == pinned


@pytest.mark.parametrize(
    ("rows", "claims", "opinions", "unlabelled"),
    [(1, 0, 1, 0), (2, 1, 1, 0), (10, 5, 5, 0), (200, 99, 98, 3), (300, 149, 146, 5), (ROWS, 9608, 9476, 298)],
)
def test_class_totals_are_in_proportion(rows, claims, opinions, unlabelled, tmp_path):
    path = tmp_path / "small.csv"
    assert write_synthetic(path, rows, SEED) == rows
    videos = read(path)
    expected = ["claim"] * claims + ["opinion"] * opinions + [""] * unlabelled
    assert videos["claim_status"].fillna("").tolist() == expected
    assert videos["#"].tolist() == list(range(1, rows + 1))
    assert videos["video_id"].is_unique


@pytest.mark.parametrize(
    ("name", "rows", "seed", "message"),
    [
        ("twin.csv", 0, 1, "0 rows cannot be written"),
        ("twin.csv", -5, 1, "-5 rows cannot be written"),
        ("twin.csv", MAXIMUM_ROWS + 1, 1, "Ask for 1 to 1,000,000,000 rows"),
        ("twin.csv", 10, 2**63, "more than 64 bits"),
        ("twin.xlsx", 10, 1, r"neither \.csv nor \.parquet"),
        ("twin", 10, 1, r"neither \.csv nor \.parquet"),
    ],
)
def test_bad_calls_say_what_to_do_and_write_nothing(name, rows, seed, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        write_synthetic(tmp_path / name, rows, seed)
    assert list(tmp_path.iterdir()) == []


def test_failure_leaves_the_older_file_alone(tmp_path, monkeypatch):
    path = tmp_path / "twin.csv"
    write_synthetic(path, 10, SEED)
    before = path.read_bytes()
    monkeypatch.setattr("pipeline.landing.synthetic._drop_final_line_end", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_synthetic(path, 20, SEED)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


# The videos


def test_columns_are_null_together(either):
    blanked = ["claim_status", "video_transcription_text", *COUNTS]
    is_null = either[blanked].isna()
    assert (is_null.all(axis=1) == is_null.any(axis=1)).all()
    assert is_null["claim_status"].tolist() == [False] * (ROWS - 298) + [True] * 298
    assert either.drop(columns=blanked).notna().all().all()


def test_invariants_hold(either):
    labelled = either.dropna()
    views, likes, shares, downloads, comments = (labelled[name] for name in COUNTS)
    assert (likes <= views).all()
    assert (shares <= likes).all()
    assert (downloads <= likes).all()
    assert (comments <= downloads).all()
    assert (labelled[COUNTS] >= 0).all().all()
    assert (labelled[COUNTS] % 1 == 0).all().all()
    # Not an invariant of the published file, so not one of the twin.
    assert (downloads > shares).any()
    assert (comments > shares).any()
    assert set(either["verified_status"]) == {"verified", "not verified"}
    assert set(either["author_ban_status"]) == {"active", "under review", "banned"}


def test_ids_are_distinct_and_fill_their_range(either):
    ids = either["video_id"]
    assert ids.is_unique
    assert ids.between(1_234_567_890, 9_999_999_999).all()
    lowest, width = 1_234_567_890, 8_765_432_110
    assert stats.kstest(ids, stats.uniform(lowest, width).cdf).pvalue > ALPHA
    # The id does not tell the place in the file, and with it the label.
    assert stats.spearmanr(ids, either["#"]).pvalue > ALPHA
    assert stats.spearmanr(ids[1:], ids[:-1]).pvalue > ALPHA


@pytest.mark.parametrize("seed", [0, -1, 20_261_121, 2**63 - 1])
def test_ids_are_distinct_for_any_seed(seed, tmp_path):
    path = tmp_path / "twin.parquet"
    write_synthetic(path, 300_000, seed)
    assert pd.read_parquet(path, columns=["video_id"])["video_id"].is_unique


def share_points(counts: pd.Series, parents: pd.Series, largest_share: float) -> np.ndarray:
    """The draws U behind counts = round(parent x U x m), for parents of any size above 0.

    A rounded count stands for an interval of U; a random point of that interval is uniform again when the
    model is right (randomized probability integral transform).
    """
    width = parents.to_numpy() * largest_share
    low, high = np.maximum(counts.to_numpy() - 0.5, 0), np.minimum(counts.to_numpy() + 0.5, width)
    return (low + np.random.default_rng(len(counts)).random(len(counts)) * (high - low)) / width


def whole_number_points(values: pd.Series, lowest: int, highest: int) -> np.ndarray:
    """The draws U behind uniform whole numbers."""
    fractions = np.random.default_rng(1).random(len(values))
    return (values.to_numpy() - lowest + fractions) / (highest - lowest + 1)


def uniform_pvalue(points: np.ndarray) -> float:
    return float(stats.kstest(points, "uniform").pvalue)


SHARES = [
    ("claim", "like", "view", 2 / 3),
    ("claim", "share", "like", 0.4),
    ("claim", "download", "like", 0.025),
    ("claim", "comment", "download", 2 / 3),
    ("opinion", "like", "view", 4 / 9),
    ("opinion", "share", "like", 0.4),
    ("opinion", "download", "like", 0.025),
    ("opinion", "comment", "download", 0.4),
]


@pytest.mark.parametrize(("status", "child", "parent", "largest_share"), SHARES)
def test_counts_are_a_uniform_share_of_their_parent(either, status, child, parent, largest_share):
    parents = either.loc[either["claim_status"] == status, f"video_{parent}_count"]
    parents = parents[parents > 0]
    counts = either.loc[parents.index, f"video_{child}_count"]
    assert uniform_pvalue(share_points(counts, parents, largest_share)) > ALPHA
    # The test has the power to see a bound that is 5 % off.
    assert uniform_pvalue(share_points(counts, parents, largest_share * 1.05)) < ALPHA


@pytest.mark.parametrize(("status", "lowest", "highest"), [("claim", 1000, 999_999), ("opinion", 20, 9999)])
def test_views_and_durations_are_uniform(either, status, lowest, highest):
    videos = either[either["claim_status"] == status]
    views, durations = videos["video_view_count"], videos["video_duration_sec"]
    assert uniform_pvalue(whole_number_points(views, lowest, highest)) > ALPHA
    assert uniform_pvalue(whole_number_points(views, lowest, round(highest * 1.05))) < ALPHA
    assert uniform_pvalue(whole_number_points(durations, 5, 60)) > ALPHA
    assert set(durations) == set(range(5, 61))


@pytest.mark.parametrize(
    ("status", "verified", "active", "under_review"),
    [("claim", 0.02175, 0.6834, 0.1668), ("opinion", 0.10458, 0.9305, 0.0489), ("", 0.10458, 0.9305, 0.0489)],
)
def test_authors_have_the_profile_of_their_class(either, status, verified, active, under_review):
    authors = either.loc[either["claim_status"].fillna("") == status, ["verified_status", "author_ban_status"]]
    is_verified = authors["verified_status"] == "verified"
    assert stats.binomtest(int(is_verified.sum()), len(authors), verified).pvalue > ALPHA
    ban_counts = authors["author_ban_status"].value_counts()[["active", "under review", "banned"]]
    expected = np.array([active, under_review, 1 - active - under_review]) * len(authors)
    assert stats.chisquare(ban_counts, expected).pvalue > ALPHA
    # Drawn independently, given the class.
    assert stats.chi2_contingency(pd.crosstab(is_verified, authors["author_ban_status"])).pvalue > ALPHA


def test_draws_are_independent_of_one_another(either):
    # Claims: hardly one has too few downloads to tell the draw of its comments.
    claims = either[(either["claim_status"] == "claim") & (either["video_download_count"] > 0)]
    draws = [
        claims["#"],
        claims["video_id"],
        claims["video_view_count"],
        claims["video_duration_sec"],
        claims["verified_status"] == "verified",
        claims["author_ban_status"] == "active",
        *(
            share_points(claims[f"video_{child}_count"], claims[f"video_{parent}_count"], largest_share)
            for status, child, parent, largest_share in SHARES
            if status == "claim"
        ),
    ]
    pvalues = [stats.spearmanr(first, second).pvalue for first, second in combinations(draws, 2)]
    assert min(pvalues) > ALPHA / len(pvalues)


def tell_apart(real: pd.DataFrame, synthetic: pd.DataFrame) -> float:
    """Cross-validated area under the ROC curve of a classifier that looks for the synthetic rows."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    both = pd.concat([real, synthetic], ignore_index=True)
    features = both[["video_id", "video_duration_sec", *COUNTS]].assign(
        is_claim=both["claim_status"] == "claim",
        is_verified=both["verified_status"] == "verified",
        is_active=both["author_ban_status"] == "active",
        is_banned=both["author_ban_status"] == "banned",
    )
    is_synthetic = np.arange(len(both)) >= len(real)
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    model = HistGradientBoostingClassifier(max_iter=60, random_state=0)
    return float(cross_val_score(model, features.astype(float), is_synthetic, cv=folds, scoring="roc_auc").mean())


def test_classifier_cannot_tell_the_twin_from_the_published_file(twin, real_path):
    real = read(real_path)
    assert 0.45 < tell_apart(real, twin) < 0.55
    # It can tell a twin whose likes are a little too many.
    worse = twin.assign(video_like_count=twin["video_like_count"] * 1.25)
    assert tell_apart(real, worse) > 0.55


# The words


def test_phrase_lists_are_large_and_clean():
    claims, opinions, facts = (read_phrases(name) for name in ("claim_lead_ins", "opinion_lead_ins", "facts"))
    assert len(claims) >= 100
    assert len(opinions) >= 60
    assert len(facts) >= 200
    for phrases in (claims, opinions, facts):
        assert len(set(phrases)) == len(phrases)
        assert all(phrase == phrase.strip().lower() and phrase for phrase in phrases)
    assert not set(claims) & set(opinions)
    assert {path.name for path in SOURCES.iterdir()} >= {"generate.sql", "facts.txt"}


def test_each_lead_in_and_fact_is_used_in_its_class_alone(twin):
    facts = set(read_phrases("facts"))
    for status in ("claim", "opinion"):
        transcripts = twin.loc[twin["claim_status"] == status, "video_transcription_text"]
        pairs = {
            (lead_in, transcript[len(lead_in) + 1 :])
            for lead_in in read_phrases(f"{status}_lead_ins")
            for transcript in transcripts[transcripts.str.startswith(lead_in + " ")]
            if transcript[len(lead_in) + 1 :] in facts
        }
        # Hardly a transcript occurs twice in the published file; none does in a twin of its size.
        assert len(pairs) == len(transcripts) == transcripts.nunique()
        assert {lead_in for lead_in, _ in pairs} == set(read_phrases(f"{status}_lead_ins"))
        assert {fact for _, fact in pairs} == facts


def test_every_pair_of_phrases_is_said_once_before_one_returns(tmp_path):
    path = tmp_path / "twin.parquet"
    pair_total = len(read_phrases("claim_lead_ins")) * len(read_phrases("facts"))
    write_synthetic(path, 2 * pair_total * ROWS // 9608 + 2, SEED)
    videos = pd.read_parquet(path, columns=["claim_status", "video_transcription_text"])
    claims = videos.loc[videos["claim_status"] == "claim", "video_transcription_text"]
    first, second = claims[:pair_total], claims[pair_total : 2 * pair_total]
    assert first.nunique() == second.nunique() == pair_total
    assert (first.to_numpy() == second.to_numpy()).mean() < 0.001


def test_transcripts_have_the_published_shape(twin):
    text = twin["video_transcription_text"].dropna()
    lengths = text.str.len()
    assert lengths.between(31, 182).all()
    means = lengths.groupby(twin["claim_status"]).mean()
    assert means["claim"] == pytest.approx(95, abs=4)
    assert means["opinion"] == pytest.approx(83, abs=4)
    assert text.str.contains("  ").mean() == pytest.approx(1 / 3, abs=0.05)
    assert text.map(str.isascii).mean() == pytest.approx(0.91, abs=0.02)


def test_no_fact_or_lead_in_is_copied_from_the_published_file(real_path):
    published = read(real_path)["video_transcription_text"].dropna()
    for fact in read_phrases("facts"):
        assert not published.str.endswith(" " + fact).any(), fact
    for lead_in in read_phrases("claim_lead_ins") + read_phrases("opinion_lead_ins"):
        assert not published.str.startswith(lead_in + " ").any(), lead_in
