"""The forest that rises: its leaves are changed only as far as they must, and then never fall."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import nnls
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import brier_score_loss

from ml.classifier.rising_forest import RisingForest, out_of_bag, pool

ROWS = 400


def noise(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels that have nothing to do with the numbers: trees follow every whim."""
    random = np.random.default_rng(seed)
    return random.random((ROWS, 4)).astype(np.float32), random.random(ROWS) < 0.5


def falls(forest: RandomForestClassifier, matrix: np.ndarray, column: int) -> float:
    """The largest fall of the probability on the way up along a column, everything else equal."""
    others = np.delete(matrix, column, axis=1)
    steps = [forest.predict_proba(np.insert(others, column, value, axis=1))[:, 1] for value in np.linspace(0, 1, 60)]
    return float((np.maximum.accumulate(steps, axis=0) - steps).max())


@pytest.mark.parametrize("rising", [(0,), (2,), (0, 3)])
def test_the_probability_never_falls_along_a_rising_column_and_may_along_others(rising: tuple[int, ...]) -> None:
    matrix, label = noise(1)
    forest = RisingForest(rising, n_estimators=10, random_state=0).fit(matrix, label)
    for column in range(4):
        if column in rising:
            assert falls(forest, matrix[:50], column) < 1e-12
        else:
            assert falls(forest, matrix[:50], column) > 0.1


def test_without_a_rising_column_it_is_scikit_learns_forest() -> None:
    matrix, label = noise(2)
    ours = RisingForest(n_estimators=10, random_state=0).fit(matrix, label)
    theirs = RandomForestClassifier(n_estimators=10, random_state=0).fit(matrix, label)
    assert (ours.predict_proba(matrix) == theirs.predict_proba(matrix)).all()


def test_two_signs_of_a_claim_are_both_learned() -> None:
    """Constraints while growing lose the second one: every leaf of few views is capped at about one half."""
    random = np.random.default_rng(3)
    matrix = random.random((4_000, 2)).astype(np.float32)
    label = (matrix[:, 0] > 0.5) | (matrix[:, 1] > 0.9)
    settings = {"n_estimators": 20, "max_features": 1.0, "random_state": 0}
    ours = RisingForest((0,), **settings).fit(matrix[::2], label[::2])
    theirs = RandomForestClassifier(monotonic_cst=[1, 0], **settings).fit(matrix[::2], label[::2])
    free = RandomForestClassifier(**settings).fit(matrix[::2], label[::2])
    losses = [brier_score_loss(label[1::2], model.predict_proba(matrix[1::2])[:, 1]) for model in (ours, free, theirs)]
    assert losses[0] < losses[1] * 1.02 < losses[2]


def test_rows_are_judged_out_of_bag_as_scikit_learn_does() -> None:
    matrix, label = noise(4)
    forest = RandomForestClassifier(n_estimators=15, oob_score=True, max_samples=0.7, random_state=0).fit(matrix, label)
    assert np.allclose(out_of_bag(forest, matrix), forest.oob_decision_function_[:, 1], rtol=0, atol=1e-12)


def test_a_row_that_every_tree_has_drawn_is_not_judged() -> None:
    matrix, label = noise(5)
    forest = RandomForestClassifier(n_estimators=1, random_state=0).fit(matrix, label)
    drawn = set(forest.estimators_samples_[0].tolist())
    assert np.isnan(out_of_bag(forest, matrix)).sum() == len(drawn)


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(1, 9), st.sets(st.integers(0, 11), max_size=3)), min_size=1, max_size=12
    )
)
def test_pooled_values_keep_the_order_the_mean_and_what_was_in_order(elements) -> None:
    value = np.array([element[0] for element in elements])
    weight = np.array([float(element[1]) for element in elements])
    before = [[low for low in sorted(element[2]) if low < number] for number, element in enumerate(elements)]
    pooled = pool(before, value, weight)
    pairs = [(low, high) for high, lows in enumerate(before) for low in lows]
    assert all(pooled[low] <= pooled[high] + 1e-12 for low, high in pairs)
    assert pooled @ weight == pytest.approx(value @ weight)
    if all(value[low] <= value[high] for low, high in pairs):
        assert (pooled == value).all()


def test_a_chain_is_pooled_as_least_squares_does() -> None:
    random = np.random.default_rng(6)
    value, weight = random.random(30), random.integers(1, 9, 30).astype(float)
    pooled = pool([[], *([number] for number in range(29))], value, weight)
    root = np.sqrt(weight)
    # The dual problem: one multiplier for each pair of neighbours.
    pairs = (np.eye(30)[:, :-1] - np.eye(30, k=-1)[:, :-1]) / root[:, None]
    multiplier, _ = nnls(pairs, value * root)
    assert pooled == pytest.approx((value * root - pairs @ multiplier) / root)
