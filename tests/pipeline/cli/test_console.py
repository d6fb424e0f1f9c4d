import io

import pytest
from rich.console import Console

from pipeline.cli import console
from pipeline.cli.console import StepPrinter
from warehouse.progress import Counted


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch):
    def make(*, is_terminal: bool) -> io.StringIO:
        shown = io.StringIO()
        monkeypatch.setattr(console, "console", Console(file=shown, force_terminal=is_terminal, width=200))
        return shown

    return make


def test_a_terminal_shows_a_bar_with_the_count_of_pieces(screen) -> None:
    shown = screen(is_terminal=True)
    printer = StepPrinter()
    report = printer.start("train")
    report("reading the labelled videos")
    report(Counted("full: setting 4 of 6", 3, 72))
    printer.stop()
    assert "train: full: setting 4 of 6" in shown.getvalue()
    assert "3/72" in shown.getvalue()
    assert "━" in shown.getvalue()


def test_elsewhere_plain_lines_come_now_and_then(screen, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = screen(is_terminal=False)
    clock = iter([0.0, 1.0, 21.0, 21.0, 22.0])
    monkeypatch.setattr(console.time, "monotonic", lambda: next(clock))
    report = StepPrinter().start("train")
    report("reading the labelled videos")
    report(Counted("full: setting 1 of 6", 0, 72))
    report(Counted("full: setting 2 of 6", 1, 72))
    report(Counted("full: setting 3 of 6", 2, 72))
    assert shown.getvalue() == "train               1 of 72 pieces of work: full: setting 2 of 6\n"
