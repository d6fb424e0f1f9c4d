"""A random forest whose probability never falls when a stated feature rises and nothing else changes.

Constraints while a tree grows (scikit-learn's `monotonic_cst`) cap every leaf below a split on views at about one half,
and cost a third more errors. So the trees grow freely and their leaves are given new values afterwards, as isotonic
classification trees do (van de Kamp, Feelders and Barile 2009): each tree rises, and so does their mean.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
from sklearn.ensemble import RandomForestClassifier


class RisingForest(RandomForestClassifier):  # type: ignore[misc]  # scikit-learn has no types (2026-11)
    """A random forest for two classes; see the module.

    Args:
        rising: Positions of the columns with which the probability of the second class must not fall.
        n_estimators: As in scikit-learn, like all that follow.
        max_depth: Of each tree.
        max_features: Tried at each split.
        min_samples_leaf: Least rows of a leaf.
        max_samples: Share of the rows that each tree draws.
        n_jobs: Trees grown, or asked, at once.
        random_state: Seed.
    """

    def __init__(  # noqa: PLR0913 - scikit-learn reads the parameters from here
        self,
        rising: Sequence[int] = (),
        *,
        n_estimators: int = 100,
        max_depth: int | None = None,
        max_features: float | str = "sqrt",
        min_samples_leaf: int = 1,
        max_samples: float | None = None,
        n_jobs: int | None = None,
        random_state: int | None = None,
    ) -> None:
        super().__init__(
            n_estimators=n_estimators,
            max_depth=max_depth,
            max_features=max_features,
            min_samples_leaf=min_samples_leaf,
            max_samples=max_samples,
            n_jobs=n_jobs,
            random_state=random_state,
        )
        self.rising = rising

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Grow the trees, then lift and lower their leaves.

        Args:
            X: Numbers without missing values where a column must rise.
            y: Two classes.

        Returns:
            Itself.
        """
        super().fit(X, y)
        for grown in self.estimators_ if len(self.rising) else ():
            make_rising(grown.tree_, self.rising)
        return self


def out_of_bag(forest: RandomForestClassifier, matrix: np.ndarray) -> np.ndarray:
    """Probability of the second class for each training row by the trees that did not draw it.

    Args:
        forest: Fitted with bootstrap samples.
        matrix: What it was fitted on.

    Returns:
        NaN for a row that every tree has drawn.
    """
    total, votes = np.zeros(len(matrix)), np.zeros(len(matrix))
    single = np.ascontiguousarray(matrix, dtype=np.float32)
    for grown, drawn in zip(forest.estimators_, forest.estimators_samples_, strict=True):
        is_left_out = np.ones(len(matrix), dtype=bool)
        is_left_out[drawn] = False
        total[is_left_out] += grown.predict_proba(single[is_left_out], check_input=False)[:, 1]
        votes += is_left_out
    return np.asarray(np.divide(total, votes, out=np.full(len(matrix), np.nan), where=votes > 0))


def make_rising(tree: Any, rising: Sequence[int]) -> None:
    """Change the leaves of a tree of two classes, as little as it takes, so that none falls along a column.

    Args:
        tree: The `tree_` of a fitted classifier; changed in place.
        rising: Positions of the columns.
    """
    is_leaf = tree.children_left < 0
    before: list[list[int]] = [[] for _ in range(tree.node_count)]
    for low, high in _neighbours(tree, frozenset(rising)):
        before[high].append(low)
    leaves = np.flatnonzero(is_leaf)
    share = tree.value[leaves, 0, 1] / tree.value[leaves, 0].sum(axis=1)
    weight = tree.weighted_n_node_samples[leaves]
    position = {int(leaf): number for number, leaf in enumerate(leaves)}
    # A tree that is grown depth first numbers the nodes left of a split before those on the right: an order in which
    # every leaf comes after those that must not exceed it.
    changed = pool([[position[low] for low in before[leaf]] for leaf in leaves], share, weight)
    tree.value[leaves, 0, 1] = changed
    tree.value[leaves, 0, 0] = 1 - changed


def pool(before: Sequence[Sequence[int]], value: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Isotonic regression on a partial order, by pooling (Burdakov, Sysoev, Grimvall and Hussian 2006).

    Args:
        before: For each element the earlier ones that must not exceed it.
        value: Of each element.
        weight: Of each element.

    Returns:
        Values in that order; where it was kept already, the same ones.
    """
    head = list(range(len(value)))
    members = [[number] for number in head]
    mean, mass = value.astype(float), weight.astype(float)
    for block in range(len(value)):
        while True:
            rivals = {head[low] for member in members[block] for low in before[member]} - {block}
            worst = max(rivals, key=lambda rival: (mean[rival], rival), default=block)
            if mean[worst] <= mean[block]:
                break
            joint = mass[block] + mass[worst]
            mean[block] += (mean[worst] - mean[block]) * mass[worst] / joint
            mass[block] = joint
            members[block] += members[worst]
            for member in members[worst]:
                head[member] = block
    return mean[head]


def _neighbours(tree: Any, rising: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Pairs of leaves that meet at a split on a rising column: on the way up, all others equal, one follows the other.

    Leaves that do not meet are compared through those between them.
    """
    lower, upper = _boxes(tree)
    is_leaf = tree.children_left < 0
    # A subtree is numbered without a gap, from its root to the node before this one.
    end = np.arange(1, tree.node_count + 1)
    for node in np.flatnonzero(~is_leaf)[::-1]:
        end[node] = end[tree.children_right[node]]
    for node in np.flatnonzero(~is_leaf):
        feature, threshold = tree.feature[node], tree.threshold[node]
        if feature not in rising:
            continue
        left, right = tree.children_left[node], tree.children_right[node]
        below = left + np.flatnonzero(is_leaf[left:right] & (upper[left:right, feature] == threshold))
        above = right + np.flatnonzero(is_leaf[right : end[node]] & (lower[right : end[node], feature] == threshold))
        floor, ceiling = lower[above], upper[above]
        for low in below:
            # In the column itself they touch, and in every other they must share a piece.
            shares = np.maximum(lower[low], floor) < np.minimum(upper[low], ceiling)
            shares[:, feature] = True
            for high in above[shares.all(axis=1)]:
                yield int(low), int(high)


def _boxes(tree: Any) -> tuple[np.ndarray, np.ndarray]:
    """The piece of the space that belongs to each node: above the one and up to the other, by column."""
    lower = np.full((tree.node_count, tree.n_features), -np.inf)
    upper = np.full((tree.node_count, tree.n_features), np.inf)
    # Parents are numbered before their children.
    for node in np.flatnonzero(tree.children_left >= 0):
        left, right = tree.children_left[node], tree.children_right[node]
        for child in (left, right):
            lower[child], upper[child] = lower[node], upper[node]
        upper[left, tree.feature[node]] = lower[right, tree.feature[node]] = tree.threshold[node]
    return lower, upper
