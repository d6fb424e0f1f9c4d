"""The course recipe as labelled rows, with its two leaks measured beside it."""

import numpy as np
import pandas as pd

from ml.questions.course_regression import CourseResult, course_recipe, course_recipe_split_first
from ml.questions.regression_terms import base_result
from ml.questions.results import Result
from ml.questions.verified_performance import Performance, performance_row
from ml.statistics.convergence import NotFittedError
from wording.codes import COPIED, EVEN_ODDS, RECIPE, TEST_PREVALENCE

SPLIT_FIRST = f"{RECIPE}, split first"
_EVALUATIONS = {
    RECIPE: "the recipe's test rows, balanced by copies that also stand in its training rows",
    SPLIT_FIRST: "untouched test rows at natural prevalence",
}


def report(videos: pd.DataFrame) -> tuple[list[Result], list[Performance]]:
    """Run the recipe and its repaired variant.

    Args:
        videos: Labelled videos in the order of the file.

    Returns:
        Rows of statistical_results and of regression_performance.
    """
    complete = videos.dropna().reset_index(drop=True)
    results: list[Result] = []
    performance = []
    for method, recipe in ((RECIPE, course_recipe), (SPLIT_FIRST, course_recipe_split_first)):
        try:
            outcome = recipe(complete)
        except NotFittedError as error:
            results.append(base_result("fit", method).refused(error.reason))
            continue
        results += _odds_results(method, outcome) + _leak_results(method, outcome)
        performance.append(performance_row(method, _EVALUATIONS[method], EVEN_ODDS, outcome.confusion))
    return results, performance


def _odds_results(method: str, outcome: CourseResult) -> list[Result]:
    return [
        base_result(term, method)
        ._replace(log_odds=float(np.log(ratio)))
        .with_estimate(ratio, "odds ratio")
        .counted(outcome.train_count)
        .assuming("copies_not_independent")
        for term, ratio in outcome.odds_ratios.items()
    ]


def _leak_results(method: str, outcome: CourseResult) -> list[Result]:
    count = outcome.confusion.observation_count
    return [
        base_result(COPIED, method).with_estimate(outcome.shared_positive_share, "share").counted(count),
        base_result(TEST_PREVALENCE, method).with_estimate(outcome.test_prevalence, "share").counted(count),
    ]
