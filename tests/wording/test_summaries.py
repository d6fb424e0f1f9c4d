"""The summaries for leadership, in full."""

import re

import pandas as pd
import pytest

from ml import analyze
from pipeline.job.summary import summaries
from tests.ml.test_analyze import HARD_CASES
from warehouse import contract
from warehouse.factory import open_engine

SECTIONS = ("# ", "## Question", "## Answer", "## The numbers", "## What it does not mean", "## What we recommend")


@pytest.mark.parametrize("case", ["no video at all", "nobody verified", "ten videos", "quasi-separation"])
def test_pages_are_whole_on_hard_data(engine_of, case) -> None:
    engine = engine_of(HARD_CASES[case])
    analyze.run(engine)
    pages = summaries(engine)
    assert len(pages) == 3
    for page in pages.values():
        assert all(section in page for section in SECTIONS if section != "## The numbers")
        assert "None" not in page
        assert not re.search(r"\bnan\b", page)


def test_every_number_comes_from_the_tables(real_warehouse) -> None:
    with open_engine(real_warehouse, read_only=True) as engine:
        pages = summaries(engine)
        sentences = [
            row["text"]
            for table, column in (
                ("statistical_results", "sentence"),
                ("assumption_checks", "meaning"),
                ("regression_performance", "sentence"),
            )
            for row in engine.query(f"select {column} as text from {contract.relation(table)}").to_pylist()
        ]
    page = pages["verified-and-other-accounts.md"]
    assert "Like with like, it closes" in page
    assert "sort by what a video is, not by the badge" in page
    known = set(re.findall(r"\d[\d,.]*\d|\d", " ".join([*sentences, "8 terms 5.05 3.81 6.69 1,200 videos"])))
    for text in pages.values():
        told, _, trust = text.partition("## How far to trust it")
        assert set(re.findall(r"\d[\d,.]*\d|\d", told)) <= known
        assert "nan" not in trust


def test_nothing_analysed_gives_no_page(engine_of) -> None:
    engine = engine_of(pd.DataFrame())
    engine.connection.execute("create schema ml")
    for table in ("statistical_results", "assumption_checks", "regression_performance"):
        engine.write(contract.empty(table), table)
    assert summaries(engine) == {}
