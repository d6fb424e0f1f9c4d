"""`python -m benchmarks`: what it says where it cannot go on."""

import sys

import pytest

from benchmarks import __main__ as command
from benchmarks import startup
from benchmarks.harness import FailedError


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", *arguments])
    command.main()


@pytest.mark.parametrize("arguments", [("--rows", "0"), ("--rows", "many"), ("--repeats", "-1"), ("--only", "nothing")])
def test_a_wrong_argument_is_a_usage_error(monkeypatch, capsys, arguments) -> None:
    with pytest.raises(SystemExit) as ended:
        call(monkeypatch, *arguments)
    assert ended.value.code == 2
    assert arguments[1] in capsys.readouterr().err


def test_a_contender_that_fails_is_told_in_its_own_words(monkeypatch) -> None:
    def fail(_plan: object) -> None:
        raise FailedError("claims build ended with 3: memory ran out")

    monkeypatch.setattr(startup, "measure", fail)
    with pytest.raises(SystemExit, match="memory ran out"):
        call(monkeypatch, "--rows", "20000", "--only", "startup", "--keep")
