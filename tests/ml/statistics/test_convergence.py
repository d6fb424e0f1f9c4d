"""Small data make solvers stop half-way: then there is a sentence and no number, and never a warning on the screen."""

import math
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml import analyze
from ml.classifier.feature_sets import feature_sets
from ml.classifier.forest import labels
from ml.classifier.pipelines import build
from ml.questions import course_results
from ml.questions.course_regression import course_recipe, course_recipe_split_first
from ml.statistics.convergence import NotFittedError, SettledLogisticRegression
from pipeline.landing.synthetic import write_synthetic
from warehouse import contract


def twin(tmp_path: Path, rows: int, seed: int) -> pd.DataFrame:
    """Labelled videos of the synthetic twin, as marts show them."""
    file = tmp_path / f"{rows}-{seed}.csv"
    write_synthetic(file, rows, seed)
    frame = pd.read_csv(file).dropna().reset_index(drop=True)
    return frame.assign(
        transcription_character_count=frame["video_transcription_text"].str.len(),
        is_verified=frame["verified_status"] == "verified",
        label=frame["claim_status"],
    )


def test_a_solver_that_stops_half_way_is_refused() -> None:
    random = np.random.default_rng(0)
    terms = random.random((100, 3)) * [1, 1e3, 1e6]
    outcome = random.random(100) < 0.5
    SettledLogisticRegression(max_iter=10_000).fit(terms / [1, 1e3, 1e6], outcome)
    with pytest.raises(NotFittedError, match="stopped before its optimum"):
        SettledLogisticRegression(max_iter=3).fit(terms, outcome)


@pytest.mark.parametrize("count", [102, 104, 106, 120, 134])
def test_terms_that_do_not_vary_leave_the_share_of_a_class(count: int) -> None:
    """Classes of equal size: Newton's first step is already at the optimum, to the last bits."""
    terms, outcome = np.ones((count, 3)), np.arange(count) < count // 2
    fitted = SettledLogisticRegression(C=1.0, solver="newton-cholesky").fit(terms, outcome)
    assert fitted.predict_proba(terms) == pytest.approx(0.5, abs=1e-4)


def test_the_warning_is_not_what_it_rests_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warnings, "simplefilter", lambda *_: warnings.filterwarnings("ignore"))
    random = np.random.default_rng(0)
    with pytest.raises(NotFittedError):
        SettledLogisticRegression(max_iter=2).fit(random.random((50, 3)), random.random(50) < 0.5)


@pytest.mark.parametrize("rows", [300, 500, 1_500])
@pytest.mark.parametrize("seed", [1, 2])
def test_every_statistic_of_small_data_is_a_number_or_a_sentence(tmp_path, engine_of, rows: int, seed: int) -> None:
    videos = twin(tmp_path, rows, seed)
    # Any warning is an error in this suite.
    with engine_of(videos) as engine:
        analyze.run(engine, analyze.DEFAULT_METRIC, 200_000)
        found = engine.query(f"select * from {contract.relation('statistical_results')}").to_pylist()
    assert found
    assert all(row["sentence"] for row in found)


def test_the_course_recipe_that_does_not_converge_says_so(tmp_path) -> None:
    refused = 0
    for seed in range(8):
        videos = twin(tmp_path, 300, seed)
        for recipe in (course_recipe, course_recipe_split_first):
            try:
                outcome = recipe(videos)
            except NotFittedError:
                refused += 1
            else:
                assert all(math.isfinite(ratio) for ratio in outcome.odds_ratios.values())
    assert refused > 0
    rows, _ = course_results.report(videos)
    assert all(row.estimate is not None or row.sentence.startswith("Not fitted") for row in rows)


@pytest.mark.parametrize("rows", [150, 600])
def test_the_comparison_of_small_data_converges(videos: pd.DataFrame, rows: int) -> None:
    some = videos.head(rows)
    for used in feature_sets():
        build("logistic_regression", used).fit(some[list(used.columns)], labels(some))
