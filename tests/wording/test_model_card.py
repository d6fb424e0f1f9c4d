"""The model card is made of rows alone, in the words and number formats of every other page."""

from wording import claim_results, model_card

RULE = {
    "model_name": "one_line_rule",
    "parameters": '{"feature": "video_view_count", "operator": ">=", "value": 1000000.0}',
    "is_champion": True,
    "test_count": 500,
}
RUN = {
    "model_name": "random_forest",
    "model_run_id": "1f",
    "code_version": "0.1.0",
    "feature_set": "engagement",
    "features": '["video_view_count", "like_rate"]',
    "known_when": "after_spread",
    "is_champion": False,
    "train_count": 1500,
    "train_claim_share": 0.5241,
    "test_count": 500,
    "decision_threshold": 0.0214,
    "missed_claim_cost": 5.0,
    "wasted_review_cost": 1.0,
    "review_lower_bound": 0.0,
    "review_upper_bound": 0.25,
    "decision_rule": "promise",
    "missed_share_limit": 0.01,
    "wasted_share_limit": 0.05,
}


def metrics(wrong: dict[str, int]) -> list[dict]:
    return [
        {
            "model_name": model,
            "evaluation": "test",
            "slice": slice_,
            "metric": name,
            "metric_value": None if name == "precision" else 1 - count / 500,
            "lower_bound": 0.9,
            "upper_bound": 1.0,
            "observation_count": 500,
        }
        for model, count in wrong.items()
        for slice_ in ("all", "verified_status: not verified")
        for name in model_card.MEASURES
    ]


MEASURED = metrics({"random_forest": 10, "one_line_rule": 5})


def test_the_card_prints_the_summary_of_the_run_and_numbers_as_every_page_does():
    run = {**RUN, "summary": claim_results.run_summary(RUN, [RUN, RULE], MEASURED, [])}
    card = model_card.card(run, RULE, MEASURED, decides=True)
    assert run["summary"] in card
    assert "The rule: claim where views at least 1,000,000." in card
    assert "1,500 labelled videos, 52.4\u00a0% of them claims" in card
    assert "known after the video has spread: views and likes per view." in card
    assert "| verified status not verified | one-line rule | 500 | 0.9900 (0.9000 to 1.0000) | not defined |" in card
    assert "a promise is in force, with 95\u00a0% confidence: at most 1.0\u00a0% of the claims" in card
    assert "is written as an opinion, from 0.250 on as a claim" in card
    assert "5 wasted reviews for a missed claim" in card


def test_where_nothing_can_be_promised_the_card_says_what_it_would_take():
    costs = {
        **RUN,
        "summary": "",
        "decision_rule": "costs",
        "missed_share_bound": 0.021,
        "needed_claim_count": 299,
        "calibration_claim_count": 142,
    }
    card = model_card.card(costs, RULE, MEASURED, decides=True)
    assert "it would take about 299 labelled claims set aside for it, and there are 142." in card
    assert "what can be shown is at most 2.1\u00a0%;" in card
    person = model_card.card({**costs, "decision_rule": "person"}, RULE, MEASURED, decides=False)
    assert "a person always decides: its scores say too little. The costs stated are" in person


def test_its_limits_follow_from_what_the_model_knows():
    run = {**RUN, "summary": ""}
    late = model_card.card(run, RULE, MEASURED, decides=True)
    assert model_card.LATE_LIMIT in late
    assert model_card.ACCOUNT_LIMIT not in late
    text = {**run, "features": '["video_transcription_text"]', "known_when": "publication"}
    early = model_card.card(text, RULE, MEASURED, decides=False)
    assert model_card.LEAD_IN_LIMIT in early
    assert model_card.ACCOUNT_LIMIT in early
    assert model_card.LATE_LIMIT not in early


def test_the_summary_says_plainly_when_the_forest_was_not_needed():
    simpler = claim_results.run_summary(RUN, [RUN, RULE], MEASURED, [])
    assert simpler.startswith("10 of 500 held-out videos wrong, the one-line rule 5. The simplest model")
    best = [{**RUN, "is_champion": True}, {**RULE, "is_champion": False}]
    assert claim_results.run_summary(RUN, best, MEASURED, []).endswith("No simpler model does as well.")
