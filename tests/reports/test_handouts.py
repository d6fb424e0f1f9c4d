"""What people take along: valid, readable aloud, the same bytes every time, and true to the rows."""

import csv
import io
import os
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree
from pptx import Presentation

from reports.content import Stamp
from reports.handouts import write
from reports.handouts.deck import Slide, SlideChart, write_deck
from reports.handouts.summaries import write_summaries
from reports.handouts.workbook import write_workbook
from warehouse.settings import ROOT
from wording.executive_summaries import Summary
from wording.rows import Data

STAMP = Stamp("000007-20261126T020000Z-9c132a61", datetime(2026, 11, 26, 2, 0, tzinfo=UTC))
SUMMARY = Summary(
    "A title & more", "Is it so?", "Yes: #1 of $2 <3>.", ["One *star*.", "Two."], [], ["Do."], ["a_b"], []
)
SCHEMAS = [os.environ.get("TABLEAU_XSD"), *(ROOT.parent / "shared" / "data" / "tableau").glob("twb_*.xsd")]
SCHEMA = next((Path(path) for path in SCHEMAS if path and Path(path).exists()), None)


def rows() -> Data:
    """Two statuses, two ranges and two groups of accounts."""
    counts = [("claim", 1, 5), ("claim", 2, 40), ("opinion", 1, 30), ("opinion", 2, 2)]
    bins = [
        {
            "metric": metric,
            "bin_number": number,
            "bin_label": f"range {number}",
            "claim_status": status,
            "verified_status": verified,
            "author_ban_status": "active",
            "video_count": count,
        }
        for metric in write.METRICS
        for status, number, count in counts
        for verified in ("verified", "not verified")
    ]
    one = [row for row in bins if row["metric"] == "views"]
    total = sum(row["video_count"] for row in one)
    by_status = [
        {"claim_status": status, "video_count": sum(row["video_count"] for row in one if row["claim_status"] == status)}
        for status in ("claim", "opinion")
    ]
    author = {"author_ban_status": "active", "claim_share": 0.5, "video_count": total, "video_share": 1.0}
    return {
        "bins": bins,
        "all_statuses": one,
        "claim_statuses": [{**row, "total_views": row["video_count"] * 10} for row in by_status],
        "author_statuses": [author],
        "days": [day(1, 20, 0), day(2, 5, 3)],
    }


def day(number: int, opened: int, decided: int) -> dict[str, object]:
    """A day of the backlog that began with nothing pending on the first."""
    pending = 20 if number == 1 else 20 + opened - decided
    closed = {"decided_count": decided, "labelled_count": 0}
    start = datetime(2026, 11, number, tzinfo=UTC)
    return {"day_started_at": start, "opened_count": opened, "reopened_count": 0, **closed, "pending_count": pending}


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    path = tmp_path_factory.mktemp("workbook") / "dashboard.twbx"
    write_workbook(write.sheets(rows()), write.TITLE, path)
    return zipfile.ZipFile(path)


@pytest.mark.skipif(SCHEMA is None, reason="Tableau's schema is not at TABLEAU_XSD or beside the project")
def test_the_workbook_is_valid_against_tableaus_schema(workbook: zipfile.ZipFile):
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    document = etree.fromstring(workbook.read("dashboard.twb"))
    assert schema.validate(document), schema.error_log
    for mark in document.iter("mark"):
        mark.set("class", "NoSuchMark")
    assert not schema.validate(document)


def test_every_field_of_the_workbook_is_a_column_of_its_file(workbook: zipfile.ZipFile):
    document = etree.fromstring(workbook.read("dashboard.twb"))
    headers = {
        name.removeprefix("Data/").removesuffix(".csv"): next(csv.reader(io.StringIO(workbook.read(name).decode())))
        for name in workbook.namelist()
        if name.startswith("Data/")
    }
    assert set(headers) == {"videos_by_range", "videos_by_status", "backlog_by_day"}
    for relation in document.iter("relation"):
        source = relation.get("name").removesuffix(".csv")
        assert [column.get("name") for column in relation.iter("column")] == headers[source]
    text = etree.tostring(document).decode()
    named = re.findall(r"\[(\w+)\]\.\[(?:none|sum):(\w+):[nq]k\]", text)
    assert len(named) > 20
    assert all(field in headers[source] for source, field in named)


def test_the_workbook_holds_the_rows_and_our_colours(workbook: zipfile.ZipFile):
    found = list(csv.DictReader(io.StringIO(workbook.read("Data/videos_by_range.csv").decode())))
    expected = rows()["bins"]
    assert [int(row["video_count"]) for row in found] == [row["video_count"] for row in expected]
    text = workbook.read("dashboard.twb").decode()
    assert re.search(r'#0072b2">\s*<bucket>"claim"', text)
    titles = re.findall(r"<run>(.*?)</run>", text)
    assert len(titles) == 7
    assert "Pending cases rose from 20 at the end of 1 November 2026 to 22 at the end of 2 November 2026" in titles
    days = list(csv.DictReader(io.StringIO(workbook.read("Data/backlog_by_day.csv").decode())))
    counts = [(row["day"], row["kind"], int(row["case_count"])) for row in days]
    assert counts[-3:] == [
        ("2026-11-02", "opened", 5),
        ("2026-11-02", "closed", 3),
        ("2026-11-02", write.PENDING, 22),
    ]
    assert len(set(titles)) == len(titles)
    filters = re.findall(r'<zone [^>]*param="([^"]*)"[^>]*type-v2="filter"', text)
    assert {name.split(":")[1] for name in filters} == set(write.FILTERS)


def test_a_workbook_and_a_deck_are_the_same_bytes_every_time(tmp_path: Path):
    slides = [Slide("Claims draw most views", ["One."], ["Say one."], SlideChart(["claims"], {"views": [3]}))]
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        write_workbook(write.sheets(rows()), write.TITLE, tmp_path / name / "dashboard.twbx")
        write_deck("Title", slides, STAMP, tmp_path / name / "deck.pptx")
        write_summaries({"one": SUMMARY}, STAMP, tmp_path / name)
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes(), path.name


def test_slides_say_findings_to_eyes_and_ears(tmp_path: Path):
    path = tmp_path / "deck.pptx"
    charts = SlideChart(["active"], {"claims": [0.4], "opinions": [0.6]}, is_share=True)
    write_deck("Title", [Slide("Claims are rarer", ["One."], ["Say one.", "Say two."], charts)], STAMP, path)
    deck = Presentation(path)
    assert len(deck.slides) == 2
    slide = deck.slides[1]
    assert slide.shapes.title.text_frame.text == "Claims are rarer"
    assert slide.notes_slide.notes_text_frame.text == "Say one.\nSay two."
    chart = next(shape for shape in slide.shapes if shape.has_chart)
    assert chart._element.nvGraphicFramePr.cNvPr.get("descr") == "Claims are rarer"
    assert [series.name for series in chart.chart.plots[0].series] == ["claims", "opinions"]
    with pytest.raises(ValueError, match="at most 8"):
        write_deck("Title", [Slide("x", [], [])] * 8, STAMP, path)


def test_a_summary_is_one_tagged_page_and_the_same_words_in_markdown(tmp_path: Path):
    pdf, markdown = write_summaries({"one": SUMMARY}, STAMP, tmp_path)
    content = pdf.read_bytes()
    assert content.startswith(b"%PDF")
    assert b"StructTreeRoot" in content
    assert b"pdfuaid" in content
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 1
    text = markdown.read_text(encoding="utf-8")
    for part in (
        "# A title & more",
        "*Is it so?*",
        "**Answer.** Yes: #1 of $2 <3>.",
        "- One *star*.",
        STAMP.release_id,
    ):
        assert part in text
    assert "What it does not mean" not in text


def test_a_full_slide_is_set_small_so_that_no_word_falls_off(tmp_path: Path):
    path = tmp_path / "deck.pptx"
    write_deck("Title", [Slide("Few", ["One."], []), Slide("Many", ["word " * 120], [])], STAMP, path)
    sizes = [slide.shapes[-1].text_frame.paragraphs[0].font.size.pt for slide in list(Presentation(path).slides)[1:]]
    assert sizes == [22, 18]


def test_everything_is_written_from_a_release(twin_data: Data, tmp_path: Path):
    written = {path.name for path in write.write_handouts(twin_data, tmp_path, STAMP, 3.0)}
    names = ("exploration", "hypothesis-test", "regression", "claim-model", "backlog")
    summaries = {f"{name}.{ending}" for name in names for ending in ("pdf", "md")}
    assert written == {path.name for path in tmp_path.iterdir()}
    assert written == summaries | {"leadership.pptx", "dashboard.twbx", "dictionary.csv"}
    for name in names:
        assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / f"{name}.pdf").read_bytes())) == 1, name
        text = (tmp_path / f"{name}.md").read_text(encoding="utf-8")
        assert not re.search(r"\bnan\b|\bNone\b|not known", text), name
    slides = [*Presentation(tmp_path / "leadership.pptx").slides]
    assert len(slides) <= 8
    notes = [slide.notes_slide.notes_text_frame.text for slide in slides[1:]]
    assert len(set(notes)) == len(notes)
    for summary in tmp_path.glob("*.md"):
        sentences = re.findall(r"(?:^- |[.?!] )(\w)", summary.read_text(encoding="utf-8"), re.MULTILINE)
        assert all(first.isupper() or first.isdigit() for first in sentences), summary.name
