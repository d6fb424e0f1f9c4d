"""One writer: the finding on verified accounts is the same words wherever a release tells it."""

import re
from html import unescape

import pytest

from pipeline.job.summary import headline_findings
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def sentence(built_warehouse: Settings) -> str:
    with DuckDBEngine.open_release(built_warehouse) as engine:
        (row,) = engine.query(
            f"select sentence from {contract.relation('statistical_results')} order by result_number limit 1"
        ).to_pylist()
    return str(row["sentence"])


@pytest.mark.parametrize("page", ["index.html", "index-text.html", "verified.html"])
def test_pages_begin_with_the_sentence_of_the_table(built_warehouse: Settings, sentence: str, page: str):
    text = (built_warehouse.current / "report" / page).read_text(encoding="utf-8")
    (summary,) = re.findall(r'class="summary".*?</section>', text, flags=re.DOTALL)
    assert sentence in [unescape(paragraph).strip() for paragraph in re.findall(r"<p>(.*?)</p>", summary, re.DOTALL)]


def test_the_summary_for_leadership_answers_with_it(built_warehouse: Settings, sentence: str):
    summary = (built_warehouse.current / "summaries" / "verified-and-other-accounts.md").read_text(encoding="utf-8")
    assert summary.split("## Answer\n\n")[1].split("\n\n## ")[0] == sentence


def test_the_terminal_ends_with_it(built_warehouse: Settings, sentence: str):
    assert sentence in headline_findings(built_warehouse)
