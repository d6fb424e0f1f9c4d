"""The published results, reproduced on the published file."""

import pytest

from ml import course
from warehouse.engine import open_engine


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
