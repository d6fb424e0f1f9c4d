"""Sentences follow the data: other rows, other words, and never a result that the rows do not hold."""

from datetime import UTC, datetime

from wording import backlog, codes, delivery, overview, verified_regression
from wording import claim_model as model
from wording import claims_and_opinions as dashboard
from wording import review_queue as queue


def statuses(claims: int, opinions: int, claim_views: int | None = 900, opinion_views: int | None = 100) -> list[dict]:
    return [
        {"claim_status": "claim", "video_count": claims, "total_views": claim_views},
        {"claim_status": "opinion", "video_count": opinions, "total_views": opinion_views},
    ]


def test_balance_names_the_larger_class():
    assert dashboard.balance(statuses(50, 50)).startswith("Claims and opinions are about equally common")
    assert dashboard.balance(statuses(80, 20)).startswith("Claims are more common")
    assert dashboard.balance(statuses(20, 80)).startswith("Opinions are more common")
    assert dashboard.balance([]) == "No video is labelled as a claim or an opinion"


def test_view_share_follows_the_views():
    assert "almost all" in dashboard.view_share(statuses(1, 1, 990, 10))
    assert "most of the 100 views" in dashboard.view_share(statuses(1, 1, 60, 40))
    assert dashboard.view_share(statuses(1, 1, 40, 60)).startswith("Opinions draw most")
    assert dashboard.view_share(statuses(1, 1, None, None)) == "No views of labelled videos have been counted."


def quantiles(claim: float, opinion: float, metric: str = "views") -> list[dict]:
    return [
        {"metric": metric, "claim_status": "claim", "median": claim},
        {"metric": metric, "claim_status": "opinion", "median": opinion},
    ]


def test_typical_values_are_compared_in_the_right_direction():
    assert "has more views" in dashboard.typical("views", quantiles(500, 5))
    assert "100 times" in dashboard.typical("views", quantiles(500, 5))
    assert "has fewer views" in dashboard.typical("views", quantiles(5, 500))
    assert "about the same" in dashboard.typical("views", quantiles(100, 101))
    assert "times" not in dashboard.typical("comments", quantiles(5, 0, "comments"))
    assert "cannot be compared" in dashboard.typical("views", quantiles(5, 5)[:1])


def test_the_advice_names_the_counts_in_which_the_classes_differ():
    lead = "Split every average by claim status before comparing groups"
    differing = [*quantiles(500, 5), *quantiles(5, 500, "likes"), *quantiles(100, 101, "shares")]
    assert dashboard.advice(differing) == f"{lead}: a typical claim and a typical opinion differ in views and likes."
    alike = f"{lead}; here a typical claim and a typical opinion are about alike in every count."
    assert dashboard.advice(quantiles(100, 101)) == dashboard.advice([]) == alike
    assert dashboard.advice(quantiles(500, 5)[:1]) == alike


def told_apart(verified: int, others: int, accuracy: float, found: int = 0) -> list[dict]:
    return [
        {
            "method": codes.FULL,
            "decision_threshold": codes.EVEN_ODDS,
            "true_positive_count": found,
            "false_negative_count": verified - found,
            "false_positive_count": 0,
            "true_negative_count": others,
            "accuracy": accuracy,
            "majority_accuracy": max(verified, others) / (verified + others),
        }
    ]


def test_the_word_for_everybody_is_the_larger_groups():
    few, many = told_apart(10, 90, 0.9), told_apart(90, 10, 0.95, found=85)
    assert "no better than saying “not verified” each time" in verified_regression.performance(few)
    assert "against saying “verified” each time" in verified_regression.performance(many)
    assert len(verified_regression.no_tool(few)) == 1
    assert verified_regression.no_tool(many) == verified_regression.no_tool([]) == []


def test_durations_are_longer_or_shorter():
    assert "about as long as" in dashboard.typical("duration", quantiles(32, 32, "duration"))
    assert "shorter than" in dashboard.typical("duration", quantiles(10, 32, "duration"))


def metric(model_name: str, name: str, value: float, feature_set: str = "full") -> dict:
    return {
        "feature_set": feature_set,
        "model_name": model_name,
        "evaluation": "test",
        "slice": "all",
        "metric": name,
        "metric_value": value,
        "observation_count": 1000,
    }


def test_the_forest_stands_beside_the_rule_with_the_verdict_of_the_table():
    metrics = [metric("random_forest", "accuracy", 0.99), metric("one_line_rule", "accuracy", 0.995)]
    comparison = {"feature_set": "full", "model_name": "random_forest", "comparison": "against_rule"}
    worse = model.against_rule(metrics, [{**comparison, "verdict": "clearly worse"}])
    same = model.against_rule(metrics, [{**comparison, "verdict": "no clear difference"}])
    better = model.against_rule(metrics, [{**comparison, "verdict": "clearly better"}])
    assert "use the rule" in worse
    assert "no clear difference" in same
    assert "clearly better" in better
    assert "missed 1 claim and" in model.forest(
        [*metrics, metric("random_forest", "missed_claim_count", 1), metric("random_forest", "false_claim_count", 2)]
    )
    assert model.forest([]) == "No model has been trained on this data."


def test_headlines_do_not_rest_on_the_words_where_counts_were_used():
    feature_sets = [
        metric("random_forest", "accuracy", 0.9, feature_set)
        for feature_set in ("metadata", "transcript", "engagement", "full")
    ]
    assert model.main_feature_set(feature_sets) == "engagement"
    assert model.main_feature_set(feature_sets[:2]) == "transcript"
    row = {"check_name": "transcript_hold_out", "model_name": "random_forest", "metric": "accuracy"}
    whole = {**row, "subject": "random", "metric_value": 0.99, "lower_bound": 0.98, "upper_bound": 1.0}
    rest = {**row, "subject": "without lead-in", "metric_value": 0.58, "lower_bound": 0.56, "upper_bound": 0.6}
    assert "rest on how texts begin" in model.words([whole, rest])
    assert "no clear difference" in model.words([whole, {**rest, "metric_value": 0.985, "upper_bound": 0.99}])
    assert "not checked" in model.words([whole])


def coverage(adds: bool | None, ours: float = 0.7, gain_upper: float = 0.06) -> list[dict]:
    rows = []
    for policy, share in (("first_in_first_out", 0.25), ("views", 0.7), ("priority", ours), ("oracle", 0.75)):
        for capacity, factor in ((0.25, 1.0), (1.0, 1 / share)):
            rows.append(
                {
                    "policy": policy,
                    "capacity_share": capacity,
                    "claim_view_share": share * factor,
                    "video_count": 1000,
                    "has_gain_over_trivial": adds,
                    "claim_view_gain": 0.05,
                    "claim_view_gain_upper_bound": gain_upper,
                    "trivial_policy": "views",
                }
            )
    return rows


def test_a_queue_that_adds_nothing_says_so():
    assert "no clear difference" in queue.gain(coverage(False))
    assert "0.0 percentage points more" in queue.gain(coverage(True))
    assert "5.0 percentage points more" in queue.gain(coverage(True, ours=0.75))
    assert "simple order does better" in queue.gain(coverage(False, gain_upper=-0.01))
    assert "cannot be told" in queue.gain([])


def test_hours_saved_are_those_of_the_same_coverage():
    # The order of arrival needs 70 % of the videos for what ours covers with 25 %: 450 videos of three minutes.
    assert "saves 22 hours" in queue.saved(coverage(True), 3.0)
    assert "saves no time" in queue.saved(coverage(True, ours=0.2), 3.0)
    assert "cannot be told" in queue.saved([], 3.0)


def test_capacity_is_read_between_the_points_of_a_curve():
    assert queue.capacity_needed([(0.5, 0.5), (1.0, 1.0)], 0.7) == 0.7
    assert queue.capacity_needed([(0.5, 0.5)], 0.9) == 1.0
    assert queue.capacity_needed([], 0.1) == 1.0


def test_audits_and_rejects_are_counted():
    passed = {"is_successful": True, "severity": "critical"}
    assert "passed all 2" in delivery.audits([passed, passed])
    assert "failed 1 of 2 checks, none of them critical" in delivery.audits(
        [passed, {"is_successful": False, "severity": "warning"}]
    )
    assert delivery.audits([]) == "No check has been run on this data."
    row = {"record_count": 10, "rejected_count": 2, "is_reconciled": False, "is_synthetic": True, "superseded_count": 0}
    assert "2 could not be read" in delivery.delivered([row])
    assert "do not add up" in delivery.delivered([row])
    assert "made-up" in delivery.origin([row], [])


def test_changes_are_told_in_both_directions():
    now = {
        "reconciliation": [{"record_count": 12}],
        "statistics": [],
        "model_metrics": [],
        "audits": [],
        "claim_statuses": [{"claim_status": "claim", "video_count": 5}],
    }
    before = {
        **now,
        "reconciliation": [{"record_count": 10}],
        "claim_statuses": [{"claim_status": "claim", "video_count": 6}],
    }
    assert overview.changes(now, before)[:2] == [
        "2 more records delivered: 12 now, 10 before.",
        "1 fewer claims: 5 now, 6 before.",
    ]
    assert "Nothing has changed" in overview.changes(now, now)[0]
    assert "no release before" in overview.changes(now, None)[0]


def test_a_title_leaves_out_the_numbers_that_its_chart_shows():
    assert dashboard.title("Claims are rare (1.0 %) here and (2.0 %) there") == "Claims are rare here and there"
    assert dashboard.title("Claims are more common: 80.0 % of labelled videos") == "Claims are more common"


def test_gaps_name_the_column_in_words():
    columns = [{"column_name": "claim_status", "null_count": 3}, {"column_name": "video_view_count", "null_count": 1}]
    assert delivery.gaps(columns) == "The most gaps are in claim status"
    assert delivery.gaps([{**row, "null_count": 2} for row in columns]).endswith("the same number of them")
    assert delivery.gaps([{**row, "null_count": 0} for row in columns]) == "No column has gaps"
    assert "most in claim status, with 3 gaps" in delivery.missing(columns)


def group(name: str, low: float, accuracy: float, high: float) -> dict:
    return {"slice": name, "lower_bound": low, "metric_value": accuracy, "upper_bound": high}


def test_a_group_is_called_worse_only_where_the_intervals_lie_apart():
    good, poor = group("verified_status: verified", 0.95, 0.97, 0.99), group("author_ban_status: banned", 0.5, 0.6, 0.7)
    assert model.groups([good, poor]).startswith(
        "The forest does less well for author status banned (60.0\u00a0% right)"
    )
    assert model.groups([good, {**poor, "upper_bound": 0.96}]).startswith("No group clearly stands out")
    assert model.groups([good, {**poor, "metric_value": 0.97, "upper_bound": 0.99}]).endswith(
        "97.0\u00a0% of the videos of every group"
    )


def test_growth_is_told_at_a_tenth_of_the_counts():
    row = {"check_name": "growth_curve", "metric": "recall", "model_name": "random_forest, engagement"}
    rows = [{**row, "subject": f"{at}% of the final counts", "metric_value": at / 100} for at in (1, 10, 100)]
    assert model.growth(rows) == (
        "With 10.0\u00a0% of the final counts the forest finds 10.0\u00a0% of the claims, with 100.0\u00a0% of them"
        " 100.0\u00a0%"
    )
    assert "was not measured" in model.growth([])


def test_no_model_is_said_of_the_features_that_tell_nothing():
    """The words may still tell the classes apart where the counts do not."""
    poor = [
        {**metric("random_forest", "accuracy", 0.5, "engagement"), "lower_bound": 0.45},
        {**metric("majority", "accuracy", 0.52, "engagement"), "lower_bound": 0.5},
    ]
    good = [
        {**metric("random_forest", "accuracy", 0.99, "transcript"), "lower_bound": 0.98},
        {**metric("majority", "accuracy", 0.52, "transcript"), "lower_bound": 0.5},
    ]
    assert model.forest(poor).startswith("No model tells claims from opinions better")
    assert model.forest([*poor, *good]).startswith("From counts of views and the like, no model tells claims")
    assert model.is_no_better_than_majority(poor)
    assert not model.is_no_better_than_majority([*poor, *good])


def test_a_charts_title_takes_the_verdict_of_its_sentence():
    assert queue.gain_title(coverage(False)) == "No clear difference was found between our order and views alone"
    assert queue.gain_title(coverage(True)) == "Our order covers more views of claims than views alone"
    assert queue.gain_title(coverage(False, gain_upper=-0.01)).startswith("Our order covers fewer views of claims")
    assert "No simple order" in queue.gain_title([])


def day(number: int, pending: int, median: float | None = None) -> dict:
    times = {"median_hours_to_decision": median, "p95_hours_to_decision": median and 3 * median}
    return {"day_started_at": datetime(2026, 11, number, tzinfo=UTC), "pending_count": pending, **times}


def test_days_of_the_backlog_are_told_in_their_direction():
    assert backlog.pending([day(1, 9), day(2, 4)]).startswith("Pending cases fell from 9 at the end of 1 November 2026")
    assert "rose from 4" in backlog.pending([day(1, 4), day(2, 9)])
    assert "as many as at the end of 1 November 2026" in backlog.pending([day(1, 9), day(2, 9)])
    assert backlog.pending([]) == "No day of review has been recorded"
    assert backlog.hours([day(1, 9, 2.0), day(2, 9)]).startswith("On 1 November 2026, half of the decided cases")
    assert backlog.hours([day(1, 9)]) == "No decision with a time has been made"


def test_odds_and_their_interval_have_the_same_digits_and_a_third_near_one():
    row = {"estimate": 5.048, "lower_bound": 3.806, "upper_bound": 6.695}
    assert verified_regression.ratio(row) == "5.05 (3.81 to 6.70)"
    near = {"estimate": 0.9972, "lower_bound": 0.9941, "upper_bound": 1.0011}
    assert verified_regression.ratio(near) == "0.997 (0.994 to 1.001)"


def test_the_two_numbers_on_unlabelled_videos_are_reconciled():
    statistics = [{"term": "share of claims", "estimate": 0.0, "lower_bound": 0.0, "upper_bound": 0.055}]
    scores = [{"feature_set": "metadata", "video_count": 298, "mean_probability": 0.43}]
    auc = {"model_name": "random_forest", "metric": "roc_auc", "evaluation": "test", "slice": "all"}
    told = delivery.unlabelled(statistics, scores, [{**auc, "feature_set": "metadata", "metric_value": 0.657}])
    assert "say that 0.0\N{NO-BREAK SPACE}% are claims" in told
    assert "Trust the first for the group and neither for one video" in told
    assert "account and length alone, which hardly tells the classes apart (ROC AUC 0.657)" in told
    known = [{**scores[0], "feature_set": "full"}]
    told = delivery.unlabelled(statistics, known, [{**auc, "feature_set": "full", "metric_value": 0.999}])
    assert "Trust the second" in told
    assert delivery.unlabelled(statistics, [], []) == ""
    assert delivery.unlabelled([], scores, []) == ""
