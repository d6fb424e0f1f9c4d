"""The published results on verified accounts, reproduced to their digits, read from the result tables."""

import duckdb
import pytest

from ml import analyze
from ml.questions.regression_terms import design_terms
from ml.statistics.assumptions import variance_inflation
from ml.statistics.validation import cross_validate
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.factory import open_engine
from wording.codes import OPINION_TERM


@pytest.fixture(scope="module")
def tables(real_warehouse):
    names = ("statistical_results", "metric_ranking", "assumption_checks", "regression_performance", "fct_videos")
    with open_engine(real_warehouse, read_only=True) as engine:
        return {name: engine.query(f"select * from {contract.relation(name)}").to_pandas() for name in names}


@pytest.fixture(scope="module")
def one(tables):
    """The only row of a table that has these values; a value ending in … is a beginning."""

    def find(table="statistical_results", **values):
        rows = tables[table]
        for column, value in values.items():
            beginning = str(value).removesuffix("…")
            rows = rows[rows[column].str.startswith(beginning) if str(value).endswith("…") else rows[column] == value]
        assert len(rows) == 1, (values, len(rows))
        return rows.iloc[0]

    return find


def digits(value, half=0.5):
    """Equal as far as the digits given go."""
    return pytest.approx(value, abs=half, rel=0)


def test_welch_on_views(one) -> None:
    row = one(metric="video_view_count", stratum="all", method="Welch t-test")
    assert row["statistic"] == pytest.approx(25.499441780633777, rel=1e-13)
    assert row["degrees_of_freedom"] == digits(1571.16, 0.005)
    assert row["p_value"] == pytest.approx(2.6088823687e-120, rel=1e-10)
    assert (row["lower_bound"], row["upper_bound"]) == digits((160_823, 187_626))
    assert row["observation_count"] == 19_084
    ranked = one("metric_ranking", metric="video_view_count", stratum="all")
    assert (ranked["not_verified_mean"], ranked["verified_mean"]) == digits((265_663.79, 91_439.16), 0.005)


def test_robustness_on_views(one) -> None:
    where = {"metric": "video_view_count", "stratum": "all"}
    assert one(**where, method="Mann-Whitney U…")["p_value"] == pytest.approx(1.9e-91, rel=0.03)
    assert one(**where, term="Cliff's delta")["estimate"] == digits(0.349, 0.0005)
    assert one(**where, term="Cohen's d")["estimate"] == digits(0.544, 0.0005)
    bootstrap = one(**where, method="percentile bootstrap…")
    assert (bootstrap["lower_bound"], bootstrap["upper_bound"]) == digits((160_823, 187_626), 2_000)
    assert one(**where, method="permutation test…")["p_value"] == digits(0.001, 0.0005)


def test_within_classes_there_is_no_difference(one) -> None:
    claim = one(metric="video_view_count", stratum="claim", method="Welch t-test")
    opinion = one(metric="video_view_count", stratum="opinion", method="Welch t-test")
    assert claim[["estimate", "lower_bound", "upper_bound"]].tolist() == digits([-590, -38_920, 37_740])
    assert opinion[["estimate", "lower_bound", "upper_bound"]].tolist() == digits([23, -167, 214])
    assert (claim["p_value"], opinion["p_value"]) == digits((0.976, 0.811), 0.0005)
    equivalence = [one(stratum=stratum, term="equivalence")["p_value"] for stratum in ("claim", "opinion")]
    assert equivalence == [digits(0.0017, 0.00005), pytest.approx(7e-9, rel=0.07)]


def test_composition_explains_the_gap(one) -> None:
    shares = [
        one(term="composition", method=f"Kitagawa decomposition, {reference}")["estimate"] / 174_224.62117218366
        for reference in (
            "averaged weights",
            "means of the not verified as reference",
            "means of the verified as reference",
        )
    ]
    assert shares == [digits(1.001, 0.0005), digits(1.0005, 0.00005), digits(1.0017, 0.00005)]
    adjusted = one(method="direct standardisation…")
    assert adjusted["estimate"] == digits(-285.5, 0.05)
    assert adjusted["estimate"] / adjusted["statistic"] == digits(9_791)
    assert adjusted["p_value"] == digits(0.977, 0.0005)
    linear = one(method="OLS with a claim term…")
    assert (linear["estimate"], linear["p_value"]) == (digits(91.6, 0.05), digits(0.98, 0.005))


def test_the_headline_says_what_explains_the_gap(one) -> None:
    headline = one(result_number=1)
    assert headline["verdict"] == "explained"
    assert headline["sentence"].replace("\u00a0", " ") == (
        "Videos of accounts that are not verified have on average 174,225 more views (between 160,823 and 187,626 "
        "more). The gap goes with what they post: 52.6 % of their videos are claims, against 17.4 % for verified "
        "accounts. Like with like, it closes: among claims they are alike to within 58,273 views and among opinions "
        "they are alike to within 577 views."
    )


def test_after_holm_only_the_mixed_videos_differ(tables) -> None:
    ranking = tables["metric_ranking"]
    significant = ranking[ranking["adjusted_p_value"] < 0.05]
    assert set(significant["stratum"]) == {"all"}
    assert len(significant) == 5
    assert ranking[(ranking["stratum"] == "all") & (ranking["effect_rank"] == 1)]["metric"].tolist() == [
        "video_view_count"
    ]


@pytest.mark.parametrize(
    ("term", "ratio", "half", "lower", "upper", "bound_half"),
    [
        (OPINION_TERM, 5.05, 0.005, 3.81, 6.69, 0.005),
        ("comments per 1,000", 1.31, 0.005, 1.03, 1.65, 0.005),
        ("downloads per 1,000", 0.86, 0.005, 0.76, 0.97, 0.005),
        ("shares per 10,000", 1.04, 0.005, 1.00, 1.09, 0.005),
        ("duration per second", 0.9975, 0.00005, 0.994, 1.001, 0.0005),
    ],
)
def test_odds_ratios(one, term, ratio, half, lower, upper, bound_half) -> None:
    row = one(term=term, method="maximum likelihood…")
    assert row["estimate"] == digits(ratio, half)
    assert (row["lower_bound"], row["upper_bound"]) == digits((lower, upper), bound_half)


def test_what_does_not_go_with_being_verified(one) -> None:
    found = {
        term: one(term=term, method="maximum likelihood…")
        for term in ("author_ban_status banned", "author_ban_status under review", "duration per second")
    }
    assert [row["estimate"] for row in found.values()] == digits([0.84, 0.90, 0.9975], 0.005)
    assert [row["p_value"] for row in found.values()] == digits([0.27, 0.37, 0.17], 0.005)
    assert all("not found" in row["sentence"] for row in found.values())


def test_fit_and_discrimination(one) -> None:
    assert one(term="McFadden pseudo-R², all terms")["estimate"] == digits(0.0684, 0.00005)
    assert one(term="McFadden pseudo-R², claim status alone")["estimate"] == digits(0.0669, 0.00005)
    rest = one(term="all terms but claim status")
    assert (rest["statistic"], rest["degrees_of_freedom"], rest["p_value"]) == (
        digits(13.4, 0.05),
        7,
        digits(0.062, 0.0005),
    )
    full = one(term="area under the ROC curve, logistic regression")
    alone = one(term="area under the ROC curve, claim status alone")
    assert (full["estimate"], alone["estimate"]) == digits((0.683, 0.676), 0.0005)


def test_cross_validation_in_file_order(tables) -> None:
    videos = tables["fct_videos"]
    labelled = videos[videos["is_labelled"]].sort_values("delivery_row_number")
    scores = cross_validate(labelled["is_verified"].astype(int), design_terms(labelled)).auc_scores
    assert (scores.mean(), scores.std(ddof=1)) == digits((0.683, 0.013), 0.0005)


def test_at_one_half_it_finds_nobody(one) -> None:
    for method in ("logistic regression", "claim status alone", "majority"):
        row = one("regression_performance", method=method, decision_threshold=0.5)
        assert (row["true_positive_count"], row["false_positive_count"]) == (0, 0)
        assert row["accuracy"] == row["majority_accuracy"] == digits(0.9371, 0.00005)
        assert "names nobody" in row["sentence"]


def test_assumptions(one, tables) -> None:
    checks = tables["assumption_checks"]
    calibration = checks[checks["check_name"] == "calibration"].set_index("term")["p_value"]
    assert calibration.to_dict() == digits(
        {"10 quantile groups": 0.20, "8 quantile groups": 0.31, "20 quantile groups": 0.32}, 0.005
    )
    joint = one("assumption_checks", term="continuous terms together")
    assert joint["p_value"] == digits(0.16, 0.005)
    without = one("assumption_checks", term=f"views per 100,000, without {OPINION_TERM}")
    assert without["p_value"] == pytest.approx(1e-15, rel=0.2)
    assert without["status"] == "failed"
    inflation = checks[checks["statistic_name"] == "variance inflation factor"].set_index("term")["statistic"]
    assert inflation[
        ["downloads per 1,000", "views per 100,000", "comments per 1,000", OPINION_TERM, "shares per 10,000"]
    ].tolist() == digits([6.87, 4.97, 5.13, 3.44, 2.72], 0.005)
    assert one("assumption_checks", check_name="events per variable")["statistic"] == 150


def test_likes_would_repeat_the_other_counts(tables) -> None:
    videos = tables["fct_videos"][tables["fct_videos"]["is_labelled"]]
    linear = variance_inflation(design_terms(videos))
    assert [linear[term] for term in ("downloads per 1,000", "views per 100,000", "comments per 1,000")] == digits(
        [4.40, 3.54, 3.26], 0.005
    )
    terms = design_terms(videos).assign(likes=videos["video_like_count"].astype(float))
    assert variance_inflation(terms)["likes"] == digits(7.05, 0.005)


def test_course_recipe(one) -> None:
    row = one("regression_performance", method="course recipe")
    cells = ["true_negative_count", "false_positive_count", "false_negative_count", "true_positive_count"]
    assert row[cells].tolist() == [2326, 2133, 815, 3668]
    assert row[["accuracy", "precision", "recall", "f1_score"]].tolist() == [
        digits(0.6703, 0.00005), digits(0.632, 0.0005), digits(0.818, 0.0005), digits(0.713, 0.0005),
    ]  # fmt: skip
    honest = one("regression_performance", method="course recipe, split first")
    assert honest[["accuracy", "majority_accuracy", "precision"]].tolist() == digits([0.551, 0.937, 0.105], 0.0005)
    leak = one(method="course recipe", term="verified test rows with a copy in train")
    assert leak["estimate"] == 1.0
    assert one(method="course recipe, split first", term="verified test rows with a copy in train")["estimate"] == 0.0
    assert one(method="course recipe", term="prevalence among test rows")["estimate"] > 0.5
    duration = one(method="course recipe", term="video_duration_sec")
    assert duration["log_odds"] == digits(-0.0025, 0.00005)


def test_the_unlabelled_videos_are_not_random(one) -> None:
    assert one(term="same verified and author status as labelled videos")["p_value"] < 1e-9
    assert one(term="same verified and author status as opinions")["p_value"] > 0.4
    assert one(term="same verified and author status as claims")["p_value"] < 1e-40
    share = one(question="missingness", term="share of claims")
    assert (share["estimate"], share["lower_bound"], share["upper_bound"]) == (0, 0, digits(0.055, 0.0005))


def test_a_second_run_writes_the_same(real_warehouse, tables, tmp_path) -> None:
    """On a copy in memory, with another number of threads and another order of rows."""
    with DuckDBEngine(duckdb.connect(":memory:", config={"threads": 1})) as engine:
        engine.connection.execute(f"attach '{real_warehouse.warehouse_file}' as given (read_only)")
        engine.connection.execute("create schema marts")
        for name, key in (
            ("fct_videos", "md5(cast(video_id as varchar))"),
            ("agg_column_profile", "column_name desc"),
            ("agg_missingness", "video_count"),
        ):
            engine.connection.execute(f"create table marts.{name} as from given.marts.{name} order by {key}")
        analyze.run(engine)
        for name in ("statistical_results", "metric_ranking", "assumption_checks", "regression_performance"):
            again = engine.query(f"select * from {contract.relation(name)}").to_pandas()
            assert again.equals(tables[name]), name
