"""The published results, reproduced on the published file."""

import pytest

from ml.classifier.feature_sets import feature_set
from ml.classifier.pipelines import build
from tests.ml.classifier import course
from warehouse.factory import open_engine


def test_welch_test_on_views(real_warehouse) -> None:
    with open_engine(real_warehouse, read_only=True) as engine:
        (row,) = engine.query(
            "select * from ml.statistical_results where method = 'Welch t-test' and stratum = 'all' "
            "and metric = 'video_view_count'"
        ).to_pylist()
    assert row["statistic"] == pytest.approx(25.499441780633777, rel=1e-12)
    assert row["degrees_of_freedom"] == pytest.approx(1571.16, abs=0.005)
    assert row["p_value"] == pytest.approx(2.6088823687e-120, rel=1e-9)
    assert (row["lower_bound"], row["upper_bound"]) == pytest.approx((160_823, 187_626), abs=0.5)
    assert row["observation_count"] == 19_084


def test_course_forest_of_ten_columns(real_warehouse) -> None:
    with open_engine(real_warehouse, read_only=True) as engine:
        result = course.fit_ten_columns(course.load(engine))
    assert result.test_count == 3_817
    assert result.confusion == [[1925, 3], [16, 1873]]
    assert result.wrong_count == 19


def test_course_forest_of_twenty_five_columns(real_warehouse) -> None:
    with open_engine(real_warehouse, read_only=True) as engine:
        result = course.fit_twenty_five_columns(course.load(engine))
    assert result.confusion == [[1926, 2], [3, 1886]]
    assert result.wrong_count == 5


@pytest.mark.parametrize(("name", "most_wrong"), [("engagement", 12), ("full", 1)])
def test_our_forests_on_the_courses_split(real_warehouse, name: str, most_wrong: int) -> None:
    with open_engine(real_warehouse, read_only=True) as engine:
        frame = course.load(engine)
    assert course.fit_ours(frame, feature_set(name), threads=2).wrong_count <= most_wrong


def test_the_one_line_rule_is_found_and_ties_with_the_published_forest(real_warehouse) -> None:
    with open_engine(real_warehouse, read_only=True) as engine:
        frame = course.load(engine)
    used, train = feature_set("engagement"), course.split(frame).train
    model = build("one_line_rule", used).fit(train[list(used.columns)], train["is_claim"])
    assert model.rule_[:3] == ("video_view_count", ">=", 10_000)
    assert course.rule_result(frame, model).confusion == [[1928, 0], [16, 1873]]
