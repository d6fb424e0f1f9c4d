"""The documented rules of landing are those of the code."""

from pipeline.landing.cells.rules import REASONS, REPAIRS, markdown_tables
from warehouse.settings import ROOT


def test_the_documentation_holds_the_list_of_the_code() -> None:
    text = (ROOT / "docs" / "landing.md").read_text(encoding="utf-8")
    assert text.endswith(f"a test compares. -->\n\n{markdown_tables()}\n")


def test_every_rule_has_a_row() -> None:
    rows = markdown_tables().splitlines()
    assert [row for row in rows if row.startswith("| `")] == [
        f"| `{rule.code}` | {rule.explanation} |" for rule in (*REPAIRS, *REASONS)
    ]
