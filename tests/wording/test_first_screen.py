"""The first screen follows the rows: what is advised, how sure it is, and what has come in."""

import pytest

from wording import backlog, first_screen

TRIED = {
    "measure": "smallest_reviewer_count",
    "value": 3.0,
    "target_hours": 24.0,
    "cost_per_hour": 30.0,
    "reviewer_count": 1,
    "shift_hours": 8.0,
    "minutes_per_review": 3.0,
    "cases_per_day": 100.0,
    "day_count": 7,
    "seed_count": 20,
}


IN_TIME = (
    "Backlog: 1,234 reports and 0 decisions have come in; in the simulation 3 moderators decide claims within 24 hours."
)


def covered(policy: str, share: float, low: float, high: float, **more: object) -> dict:
    row = {"policy": policy, "capacity_share": 0.25, "claim_view_share": share, "trivial_policy": "views"}
    bounds = {"claim_view_share_lower_bound": low, "claim_view_share_upper_bound": high}
    return {**row, **bounds, "has_gain_over_trivial": False, **more}


def test_the_advice_is_the_simplest_order_that_nothing_beats():
    ours = covered("priority", 0.7, 0.6, 0.8)
    by_views = {"policy": "views", "is_in_force": True}
    by_model = {"policy": "probability_times_reach", "is_in_force": True}

    def advised(coverage: list[dict], orders: list[dict]) -> str:
        return first_screen.recommendation({"coverage": coverage, "backlog": orders})

    assert "review by views alone" in advised([ours], [by_views, {**by_model, "is_in_force": False}])
    assert "review by views alone" in advised([ours], [])
    assert "in our order" in advised([{**ours, "has_gain_over_trivial": True}], [by_views])
    assert "order of arrival" in advised([], [by_views])
    # What is advised is the order in force, and no page says that nothing beats another one.
    assert advised([ours], [by_model]) == (
        "Recommendation: review in our order, from the top; with room for 25.0\u00a0% of the videos no clear"
        " difference to sorting by views alone was found. People decide on every video."
    )
    # «As well as» would take an equivalence test, which no order has.
    for orders in ([by_views], [by_model]):
        assert "as well" not in advised([ours], orders)
    by_chance = {"policy": "probability_times_lottery", "is_in_force": True}
    assert "review by views alone, which nothing measured here clearly beats" in advised([ours], [by_chance])


def test_how_sure_follows_the_intervals():
    arrival = covered("first_in_first_out", 0.3, 0.2, 0.4)
    assert first_screen.certainty([covered("priority", 0.7, 0.6, 0.8), arrival]) == first_screen.FIRM
    assert first_screen.certainty([covered("priority", 0.5, 0.35, 0.8), arrival]) == first_screen.OPEN
    assert first_screen.certainty([arrival]) == first_screen.UNMEASURED


@pytest.mark.parametrize(
    ("reports", "simulation", "line"),
    [
        (0, [], backlog.NOTHING_DELIVERED),
        (1, [], "Backlog: 1 report and 0 decisions have come in."),
        (
            1234,
            [TRIED],
            IN_TIME,
        ),
        (
            5,
            [{**TRIED, "value": None}],
            "Backlog: 5 reports and 0 decisions have come in; no size of team that was tried decides claims in time.",
        ),
    ],
)
def test_the_backlog_is_one_line(reports: int, simulation: list[dict], line: str):
    rows = [{"feed": "videos", "current_count": 9}, {"feed": "reports", "current_count": reports}]
    assert backlog.came_in(rows, simulation) == line


def test_assumptions_stand_beside_the_number_of_people():
    assert backlog.team([TRIED]).startswith("In the simulation 3 moderators")
    assert "3 minutes for a case, 100 new cases a day, over 7 days, drawn 20 times" in backlog.assumptions([TRIED])
    assert backlog.team([]) == backlog.assumptions([]) == backlog.NOT_SIMULATED
