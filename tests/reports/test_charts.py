"""Charts: the same bytes anywhere, nothing a strict policy refuses, no label cut off or too small on a phone."""

import re
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from reports import charts
from reports.svg import style, to_svg
from tests.reports.svg_text import placed_texts
from warehouse.settings import ROOT

LONG = "a name as long as the longest column of the dictionary"
SHARES = [(0.0, 0.0), (0.5, 0.8), (1.0, 1.0)]
CLASSES = {"claim": [(0.0, 9.0, 5.0), (10.0, 99.0, 1_234_567.0)], "opinion": [(0.0, 9.0, 7.0)]}
FORMS = {
    "bars": charts.bars([("transcription_text", 298, "298"), ("claim", 0, "1,234,567,890")], "videos without a value"),
    "stacked": charts.stacked_bars(["not verified", "verified"], {"claim": [5, 1], "opinion": [4, 9]}, "videos"),
    "shares": charts.stacked_bars(["under review"], {"claim": [0.5], "opinion": [0.5]}, LONG, ["over 99.9 %"]),
    "histogram": charts.histogram(CLASSES, "comments", is_log=True),
    "box": charts.box_plots([charts.Box("unlabelled", 0, 1, 2, 3, 4, 5, 999_999_999)], "views", is_log=True),
    "bubbles": charts.bubbles({"claim": [(0, 0, 1), (999_999, 999_999, 9)]}, ("views", "likes")),
    "matrix": charts.matrix(["duration", "downloads"], [[1, None], [-0.99, 0.2]]),
    "intervals": charts.intervals(
        [charts.Estimate(LONG, -1.5, -2.2, 0.9, "1.5 (1.2 to 1.9)"), charts.Estimate("none", None, None, None, "–")],
        LONG,
        reference=0,
    ),
    "ratios": charts.intervals(
        [charts.Estimate("opinion", 5, 3.8, 6.7, "5.05")], "odds ratio", reference=1, is_log=True
    ),
    "lines": charts.lines(
        [charts.Line(f"order of arrival {n}", SHARES) for n in range(4)], ("share", "share of views")
    ),
    "days": charts.days(
        [datetime(2026, 9, day + 1) for day in range(30)],  # noqa: DTZ001  # as the warehouse holds days
        {"half": [None, *range(29)], "nineteen of twenty": [1_234_567] * 30},
        "hours to a decision",
    ),
    "calibration": charts.calibration([(0.1, 0.2, None, None), (0.9, 0.8, 0.7, 1.0)], 1.0, ("said", "seen")),
}
PHONE = 341  # pixels of a chart on a screen of 390


def drawn(key: str = "key") -> str:
    with style():
        figure = Figure(figsize=(3, 2))
        axes = figure.subplots()
        axes.bar([0, 1], [1, 2], color="#d55e00", hatch="///", edgecolor="white")
        axes.text(0, 1, "<script>alert(1)</script> & $more$")
    return str(to_svg(figure, key, 'A "quoted" label'))


def test_a_settings_file_of_the_machine_changes_nothing(tmp_path: Path):
    settings = tmp_path / "matplotlibrc"
    settings.write_text("lines.linewidth: 9\nfont.size: 30\naxes.grid: True\nhatch.color: red\nsvg.fonttype: path\n")
    draw = [drawn, lambda: str(to_svg(charts.bars([("a", 1, "1")], "b"), "key", "label"))]
    before = [function() for function in draw]
    with mpl.rc_context(fname=settings):
        assert mpl.rcParams["font.size"] == 30
        assert [function() for function in draw] == before


def test_nothing_in_it_needs_a_style_or_an_outside_resource():
    for name, figure in FORMS.items():
        svg = str(to_svg(figure, name, "label"))
        assert not re.search(r"style|http|<!DOCTYPE|url\((?!#)", svg), name


def test_a_screen_reader_reads_the_label_and_nothing_else():
    svg = drawn()
    assert re.match(r'<svg viewBox="[^"]*" role="img" aria-label="A &#34;quoted&#34; label"><g aria-hidden="true"', svg)
    assert svg.endswith("</g></svg>")


def test_texts_are_escaped_and_dollars_are_characters():
    svg = drawn()
    assert "<script>" not in svg
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; $more$" in svg


def test_ids_of_two_charts_on_a_page_never_meet():
    first, second = (set(re.findall(r'id="([^"]+)"', drawn(key))) for key in ("one", "two"))
    assert first
    assert not first & second


def test_every_reference_has_its_target():
    svg = drawn()
    ids = set(re.findall(r'id="([^"]+)"', svg))
    references = set(re.findall(r"url\(#([^)]+)\)", svg)) | set(re.findall(r'href="#([^"]+)"', svg))
    assert references
    assert references <= ids


@pytest.mark.parametrize("name", FORMS)
def test_every_text_lies_inside_and_is_readable_on_a_phone(name: str):
    svg = str(to_svg(FORMS[name], name, "label"))
    width, height = map(float, re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0])
    texts = placed_texts(svg)
    assert texts
    for text in texts:
        assert text.size * PHONE / width >= 12, text
        assert -0.5 <= text.left <= text.right <= width + 0.5, text
        assert -0.5 <= text.top <= text.bottom <= height + 0.5, text


def test_the_measure_notices_a_label_that_is_cut_off():
    with style():
        figure = Figure(figsize=(1, 1))
        figure.text(0.5, 0.5, LONG)
    assert max(text.right for text in placed_texts(str(to_svg(figure, "key", "label")))) > 72


def test_labels_of_lines_stand_apart():
    texts = [text for text in placed_texts(str(to_svg(FORMS["lines"], "key", "label"))) if text.left > 200]
    rows = sorted(text.top for text in texts if "order" in text.text)
    assert len(rows) == 4
    assert all(after - before > 11 for before, after in pairwise(rows))
    with pytest.raises(ValueError, match="at most 4"):
        charts.lines([charts.Line("line", SHARES)] * 5, ("share", "share"))


def test_bars_carry_their_numbers_as_text():
    svg = to_svg(charts.bars([("claim", 12, "twelve"), ("opinion", 0, "none")], "videos"), "key", "label")
    assert ">twelve<" in svg
    assert ">none<" in svg


def test_an_interval_plot_draws_rows_without_a_value():
    svg = to_svg(FORMS["intervals"], "key", "label")
    assert "none: –" in svg
    assert "nan" not in svg


def test_classes_differ_by_more_than_colour():
    looks = charts.LOOKS.values()
    assert len({look.hatch for look in looks}) == len({look.marker for look in looks}) == len(charts.LOOKS)
    assert len({(look.marker, str(look.dash)) for look in charts.SERIES}) == charts.MOST_LINES


@pytest.mark.parametrize("paper", ["#ffffff", "#14181d"])
def test_colours_reach_three_to_one_on_both_papers(paper: str):
    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for look in [*charts.LOOKS.values(), *charts.SERIES]:
        light, dark = sorted((luminance(look.colour), luminance(paper)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, look.colour


def test_every_style_sheet_uses_names_that_are_defined():
    shared = (ROOT / "web" / "style.css").read_text(encoding="utf-8")
    defined = set(re.findall(r"(--[a-z-]+):", shared))
    for path in [*ROOT.glob("web/*.css"), *ROOT.glob("review/**/*.css"), *ROOT.glob("reports/**/*.css")]:
        used = set(re.findall(r"var\((--[a-z-]+)\)", path.read_text(encoding="utf-8")))
        assert used <= defined, (path.name, used - defined)
