"""The page of settings is that of the code, and names every variable that the code reads."""

import re

from scripts import list_settings
from warehouse.settings import ROOT, Settings

ROOMS = ("warehouse", "wording", "expectations", "ml", "web", "reports", "review", "pipeline", "dbt_project")
# Set by the product itself, for dbt.
INNER = {"CLAIMS_SPILL", "CLAIMS_"}


def test_the_page_is_current() -> None:
    """`make settings`; a new setting says in `USED_BY` which step reads it."""
    assert Settings.model_fields.keys() == list_settings.USED_BY.keys()
    assert list_settings.PAGE.read_text(encoding="utf-8") == list_settings.page()


def test_every_setting_says_what_it_means() -> None:
    meanings = list_settings.meanings()
    assert [name for name in Settings.model_fields if not meanings.get(name)] == []


def test_every_variable_that_the_code_names_is_listed() -> None:
    page = list_settings.page()
    paths = [path for room in ROOMS for kind in ("py", "sql", "yml") for path in (ROOT / room).rglob(f"*.{kind}")]
    named = {
        name
        for path in paths
        if path.is_file() and "target" not in path.parts
        for name in re.findall(r"\bCLAIMS_[A-Z_]*", path.read_text(encoding="utf-8"))
    }
    assert len(named) >= 20
    assert not [name for name in sorted(named - INNER) if f"`{name}`" not in page]
