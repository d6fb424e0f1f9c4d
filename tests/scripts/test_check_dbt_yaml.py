"""The check of dbt's YAML reads what git tracks or would, and nothing that dbt leaves behind."""

import subprocess
from pathlib import Path

import pytest

from scripts import check_dbt_yaml


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dbt project in a repository of its own, after a plain `dbt build`: a folder of compiled tests ends in .yml."""
    project = tmp_path / "dbt_project"
    (project / "target" / "compiled" / "models" / "fct_videos.yml").mkdir(parents=True)
    (project / "models").mkdir()
    (project / "models" / "a.yml").write_text("models:\n  - name: a\n")
    (project / "dbt_project.yml").write_text("name: a\n")
    (tmp_path / ".gitignore").write_text("/dbt_project/target/\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    monkeypatch.setattr(check_dbt_yaml, "PROJECT", project)
    return project


def test_what_plain_dbt_leaves_is_none_of_ours(project, capsys) -> None:
    assert check_dbt_yaml.main() == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("text", "says"), [("models:\n  - nam: x\n", "'nam' was unexpected"), ("models: [", "not valid YAML")]
)
def test_a_file_that_git_does_not_know_yet_is_read(project, capsys, text, says) -> None:
    (project / "models" / "b.yml").write_text(text)
    assert check_dbt_yaml.main() == 1
    shown = capsys.readouterr().err
    assert "models/b.yml" in shown
    assert says in shown
