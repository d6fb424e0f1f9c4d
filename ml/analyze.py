"""`claims analyze`: reads marts, writes `ml.statistical_results`."""

from typing import Any

import pandas as pd

from ml.hypothesis_tests import SampleMoments, welch_test
from ml.regression import fit_odds_ratios
from warehouse import contract
from warehouse.engine import Engine


def run(engine: Engine, metric: str = "video_view_count") -> int:
    """Answer the two questions about verified accounts.

    Args:
        engine: The working warehouse.
        metric: Column of fct_videos whose means are compared.

    Returns:
        The number of estimates written.
    """
    rows = _hypothesis_test(engine, metric) + _regression(engine)
    numbered = [{"result_number": number, **row} for number, row in enumerate(rows, start=1)]
    engine.write(contract.from_rows(numbered, "statistical_results"), "statistical_results")
    return len(numbered)


def _hypothesis_test(engine: Engine, metric: str) -> list[dict[str, Any]]:
    known = {column.name for column in contract.columns("fct_videos") if column.data_type in {"bigint", "double"}}
    if metric not in known:
        raise ValueError(f"{metric} is not a number in fct_videos; choose one of {sorted(known)}.")
    groups = engine.query(
        f"select is_verified, count(*) as row_count, avg(cast({metric} as double)) as mean, "
        f"var_samp(cast({metric} as double)) as variance from {contract.relation('fct_videos')} "
        f"where is_labelled and {metric} is not null group by is_verified"
    ).to_pylist()
    moments = {
        group["is_verified"]: SampleMoments(group["row_count"], group["mean"], group["variance"]) for group in groups
    }
    common = {"question": "hypothesis_test", "metric": metric, "stratum": "all", "term": "not verified - verified"}
    try:
        test = welch_test(moments[False], moments[True])
    except (KeyError, ValueError) as error:
        reason = "one group is empty" if isinstance(error, KeyError) else str(error)
        return [{**common, "method": "Welch t-test", "sentence": f"Not testable: {reason}"}]
    direction = "more" if test.difference > 0 else "fewer"
    sentence = (
        f"Videos of accounts that are not verified have on average {abs(test.difference):,.0f} {direction} "
        f"({metric}; 95 % interval {test.lower_bound:,.0f} to {test.upper_bound:,.0f})."
    )
    return [
        {
            **common,
            "estimate": test.difference,
            "estimate_unit": metric,
            "lower_bound": test.lower_bound,
            "upper_bound": test.upper_bound,
            "confidence_level": 0.95,
            "statistic": test.statistic,
            "degrees_of_freedom": test.degrees_of_freedom,
            "p_value": test.p_value,
            "observation_count": test.observation_count,
            "method": "Welch t-test",
            "assumption_status": "large groups: means are near normal; independence of videos is assumed",
            "sentence": sentence,
        }
    ]


def _regression(engine: Engine) -> list[dict[str, Any]]:
    frame = engine.query(
        "select is_verified, video_duration_sec as duration, claim_status, author_ban_status, "
        "video_view_count / 100000.0 as views, video_share_count / 10000.0 as shares, "
        "video_download_count / 1000.0 as downloads, video_comment_count / 1000.0 as comments "
        f"from {contract.relation('fct_videos')} where is_labelled order by video_id"
    ).to_pandas()
    terms = pd.DataFrame(
        {
            "duration per second": frame["duration"],
            "claim_status opinion": frame["claim_status"] == "opinion",
            "author_ban_status banned": frame["author_ban_status"] == "banned",
            "author_ban_status under review": frame["author_ban_status"] == "under review",
            "views per 100,000": frame["views"],
            "shares per 10,000": frame["shares"],
            "downloads per 1,000": frame["downloads"],
            "comments per 1,000": frame["comments"],
        }
    ).astype(float)
    common = {
        "question": "verified_regression",
        "metric": "is_verified",
        "stratum": "all",
        "method": "logistic regression",
    }
    try:
        ratios = fit_odds_ratios(frame["is_verified"], terms)
    except ValueError as error:
        return [{**common, "term": "fit", "sentence": f"Not fitted: {error}"}]
    return [
        {
            **common,
            "term": ratio.term,
            "estimate": ratio.odds_ratio,
            "estimate_unit": "odds ratio",
            "log_odds": ratio.log_odds,
            "lower_bound": ratio.lower_bound,
            "upper_bound": ratio.upper_bound,
            "confidence_level": 0.95,
            "statistic": ratio.statistic,
            "p_value": ratio.p_value,
            "observation_count": ratio.observation_count,
            "sentence": f"Odds of being verified change by a factor of {ratio.odds_ratio:.2f} ({ratio.term}).",
        }
        for ratio in ratios
    ]
