"""What a person sees while a job runs, on a terminal and elsewhere."""

import io
import json

import pytest

from pipeline.cli import console
from pipeline.cli.console import PlainConsole, StepPrinter
from pipeline.cli.json_text import json_text
from warehouse.progress import Counted


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch):
    def make(*, is_terminal: bool) -> io.StringIO:
        shown = io.StringIO()
        monkeypatch.setattr(console, "console", PlainConsole(file=shown, force_terminal=is_terminal, width=200))
        return shown

    return make


ESCAPES = "\x1b]0;title\x07\x1b[31mred\x1b[0m \u202egnp.exe \udc80 \x9b2J \r [bold] :heart:"


def test_text_from_outside_is_shown_and_never_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    console.console.print(f"café\u202f2 {ESCAPES}\nnext")
    console.errors.print(ESCAPES)
    for shown in capsys.readouterr():
        assert not any(letter in shown for letter in "\x1b\x07\u202e\udc80\x9b\r")
        assert r"\x1b[31mred\x1b[0m \u202egnp.exe \udc80 \x9b2J \r [bold] :heart:" in shown
    assert console.one_line("a\n2026-01-01 forged\tb") == r"a\n2026-01-01 forged\tb"


def test_markup_in_a_file_name_is_no_markup_of_the_live_line(screen) -> None:
    shown = screen(is_terminal=True)
    printer = StepPrinter()
    printer.start("ingest")("reading [bold]a[/nothing].csv\x1b[2J")
    printer.stop()
    assert r"reading [bold]a[/nothing].csv\x1b[2J" in shown.getvalue()


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


def test_what_somebody_said_is_printed_as_it_is() -> None:
    for printer in (console.console, console.errors):
        with printer.capture() as shown:
            printer.print("they said :heart: and [bold]", markup=False)
        assert "they said :heart: and [bold]" in shown.get()


def test_json_holds_identifiers_as_text() -> None:
    row = {"video_id": 2**60 + 1, "parts": [{"report_id": 7, "is_id": True}], "video_view_count": 5, "run_id": None}
    assert json.loads(json_text(row)) == {
        "video_id": "1152921504606846977",
        "parts": [{"report_id": "7", "is_id": True}],
        "video_view_count": 5,
        "run_id": None,
    }
