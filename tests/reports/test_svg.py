import re

from matplotlib.figure import Figure

from reports import charts
from reports.svg import to_svg


def drawn(key: str = "key") -> str:
    figure = Figure(figsize=(3, 2))
    axes = figure.subplots()
    axes.bar([0, 1], [1, 2], color="#d55e00", hatch="///", edgecolor="white")
    axes.text(0, 1, "<script>alert(1)</script> & more")
    return str(to_svg(figure, key, 'A "quoted" label'))


def test_the_same_figure_gives_the_same_bytes():
    assert drawn() == drawn()


def test_nothing_in_it_needs_a_style_or_an_outside_resource():
    svg = drawn()
    assert "style" not in svg
    assert "http" not in svg
    assert "<!DOCTYPE" not in svg
    assert 'role="img"' in svg


def test_texts_and_labels_are_escaped():
    svg = drawn()
    assert "<script>" not in svg
    assert 'aria-label="A &quot;quoted&quot; label"' in svg


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


def test_bars_carry_their_numbers_as_text():
    svg = charts.bars([("claim", 12, "twelve"), ("opinion", 0, "none")], "videos", "key", "label")
    assert ">twelve<" in svg
    assert ">none<" in svg


def test_an_interval_plot_draws_rows_without_a_value():
    rows = [charts.Estimate("known", 1.5, 1.2, 1.9, "1.5"), charts.Estimate("unknown", None, None, None, "not known")]
    svg = charts.intervals(rows, "ratio", "key", "label", reference=1, is_log=True)
    assert "unknown: not known" in svg
    assert "nan" not in svg


def test_classes_differ_by_more_than_colour():
    looks = charts.LOOKS.values()
    assert len({look.hatch for look in looks}) == len({look.marker for look in looks}) == len(charts.LOOKS)
    assert len({(look.marker, str(look.dash)) for look in charts.SERIES}) == len(charts.SERIES)


def test_colours_reach_three_to_one_on_white():
    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for look in [*charts.LOOKS.values(), *charts.SERIES]:
        assert 1.05 / (luminance(look.colour) + 0.05) >= 3, look.colour
