"""Settings: read from the environment, refused with a sentence."""

import re
from pathlib import Path

import pytest

from warehouse.errors import UsageError
from warehouse.settings import DBT_PROJECT, ROOT, Settings, code_version, load_settings


def test_defaults_stand_under_the_project() -> None:
    settings = load_settings()
    assert settings.home == ROOT / "var"
    assert settings.warehouse_file.parent == settings.home


def test_environment_sets_and_dbt_sees_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CLAIMS_HOME", str(tmp_path))
    monkeypatch.setenv("CLAIMS_MEMORY_LIMIT", "1GB")
    settings = load_settings()
    assert settings.home == tmp_path
    assert settings.environment["CLAIMS_HOME"] == str(tmp_path)
    assert settings.environment["CLAIMS_MEMORY_LIMIT"] == "1GB"


@pytest.mark.parametrize(
    ("name", "value"), [("CLAIMS_THREADS", "0"), ("CLAIMS_TARGET", "oracle"), ("CLAIMS_RELEASES_KEPT", "few")]
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=name) as raised:
        load_settings()
    assert value in str(raised.value)
    assert raised.value.exit_code == 2


def test_code_version_is_stable() -> None:
    assert code_version() == code_version()
    assert "+" in code_version()


@pytest.mark.parametrize(("name", "word"), [("a*b", "stand for patterns"), ("taken", "a file, not a folder")])
def test_a_home_that_cannot_be_one_is_refused(
    name: str, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").touch()
    monkeypatch.setenv("CLAIMS_HOME", str(tmp_path / name))
    with pytest.raises(UsageError, match=rf"^CLAIMS_HOME: .*{word}.*, got .*{re.escape(name)}.*Correct or unset it"):
        load_settings()


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("", "an empty text names no folder"),
        ("/", "the root of the file system"),
        ("/tmp/..", "the root of the file system"),
        ("~nosuchuser/x", "there is no account 'nosuchuser'"),
    ],
)
def test_what_names_no_folder_of_ours_is_a_usage_error(value: str, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMS_HOME", value)
    with pytest.raises(UsageError, match=rf"^CLAIMS_HOME: .*{word}"):
        load_settings()


def test_plain_dbt_has_the_same_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLAIMS_HOME", raising=False)
    known = {**Settings().environment, "CLAIMS_HOME": "var"}
    texts = [path.read_text(encoding="utf-8") for path in DBT_PROJECT.rglob("*.sql")]
    defaults = [found for text in texts for found in re.findall(r'env_var\("(CLAIMS_\w+)", "([^"]+)"\)', text)]
    assert {"CLAIMS_TARGET_HOURS", "CLAIMS_REOPEN_REPORTERS"} <= {name for name, _ in defaults}
    for name, default in defaults:
        # "24" is read as 24.0.
        assert known.get(name, default).removesuffix(".0") == default, name
