"""The built site: every page whole, self-contained, readable, true, and the same bytes every time."""

import ast
import csv
import re
import shutil
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from pipeline.release.manifest import read_manifest
from reports import queries, site
from reports.content import Page, Stamp
from reports.pages import data as data_page
from tests.reports.svg_text import placed_texts
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.settings import ROOT, Settings
from wording import column_uses
from wording import overview as say_overview
from wording.rows import Data
from wording.statistical_results import with_sentences

PAGES = ["data", "dashboard", "dictionary", "index", "model", "pace", "project", "queue", "talking-points", "verified"]


class Outline(HTMLParser):
    """What a screen reader would find first."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.attributes if name == tag]


def test_every_page_is_written_with_charts_and_as_large_text(twin_site: Path):
    written = sorted(path.name for path in twin_site.glob("*.html"))
    assert written == sorted(f"{name}{suffix}.html" for name in PAGES for suffix in ("", "-text"))


def test_the_published_release_carries_the_site(built_warehouse: Settings):
    published = built_warehouse.current / "report"
    assert sorted(path.stem for path in published.glob("*.html") if "-text" not in path.stem) == sorted(PAGES)
    manifest = read_manifest(built_warehouse.current)
    for path in published.glob("*.html"):
        stamp = f"Release {manifest.release_id}, staged {Stamp(manifest.release_id, manifest.staged_at).moment}."
        assert stamp in path.read_text(encoding="utf-8"), path.name


def test_every_page_has_a_language_a_title_landmarks_and_headings_in_order(twin_site: Path):
    for path in twin_site.glob("*.html"):
        outline = Outline(path.read_text(encoding="utf-8"))
        assert outline.all("html")[0]["lang"] == "en", path.name
        for tag in ("title", "h1", "main", "header", "footer"):
            assert outline.tags.count(tag) == 1, (path.name, tag)
        assert [nav["aria-label"] for nav in outline.all("nav")] in (["Pages"], ["Pages", "On this page"]), path.name
        levels = [int(tag[1]) for tag in outline.tags if re.fullmatch("h[1-6]", tag)]
        assert all(after <= before + 1 for before, after in pairwise(levels)), path.name


def test_every_page_stands_alone(twin_site: Path):
    for path in twin_site.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        outline = Outline(text)
        assert "://" not in text, path.name
        assert not {"link", "img", "iframe", "object"} & set(outline.tags), path.name
        for link in outline.all("a"):
            target = str(link["href"])
            file, _, anchor = target.partition("#")
            assert not file or (twin_site / file).exists(), (path.name, target)
            linked = (twin_site / file).read_text(encoding="utf-8") if file else text
            assert not anchor or f'id="{anchor}"' in linked, (path.name, target)


def test_the_policy_allows_the_pages_own_script_and_nothing_else(twin_site: Path):
    for path in twin_site.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        policy = str(Outline(text).all("meta")[2]["content"])
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert ("script-src" in policy) == ("<script>" in text)
        assert not re.search(r'\s(?:style|on\w+)="', text), path.name


def seen_words(text: str) -> int:
    """Words that a reader of a page meets before the appendix, with everything closed that opens on demand."""
    main = text[text.index("<main") : text.index("</main>")].split('<h2 id="appendix">', maxsplit=1)[0]
    for closed in (r"<svg.*?</svg>", r"<details>.*?</details>", r'<div class="variant"[^>]* hidden>.*?(?=</section>)'):
        main = re.sub(closed, "", main, flags=re.DOTALL)
    return len(re.sub(r"<[^>]+>", " ", main).split())


# The dictionary is for looking things up.
LONG = {"dictionary"}


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_short_and_their_large_print_is_shorter(twin_site: Path, name: str):
    charts, text = ((twin_site / f"{name}{suffix}.html").read_text(encoding="utf-8") for suffix in ("", "-text"))
    if name not in LONG:
        assert seen_words(charts) < (250 if name == "index" else 900)
    assert seen_words(text) < 600
    assert "svg" not in Outline(text).tags
    assert "table" not in Outline(text).tags or name in {"pace", "project"}


def test_the_edition_without_charts_does_not_speak_of_their_marks(twin_site: Path):
    marks = re.compile(r"\b([Ss]quares?|[Ll]ines are|[Ee]ach line|dashed|[Ee]ach mark|chart (?:shows|is))\b")
    for path in twin_site.glob("*.html"):
        found = marks.findall(re.sub("<[^>]*>", " ", path.read_text(encoding="utf-8").split("<main")[1]))
        assert not (path.stem.endswith("-text") and found), (path.name, found)
    assert marks.search((twin_site / "model.html").read_text(encoding="utf-8"))


def test_every_table_is_there_as_csv(twin_site: Path):
    for name in PAGES:
        outline = Outline((twin_site / f"{name}.html").read_text(encoding="utf-8"))
        captions = [attributes for attributes in outline.all("div") if attributes.get("class") == "scroll"]
        files = {str(link["href"]) for link in outline.all("a") if str(link["href"]).startswith("csv/")}
        assert {f"csv/{name}-{entry['id']}.csv" for entry in captions if "id" in entry} <= files
        assert outline.tags.count("figure") == 0 or files
    with (twin_site / "csv" / "dashboard-videos-by-claim-status.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["claim_status"]: int(row["video_count"]) for row in csv.DictReader(file)}
    assert f"{rows['claim']:,}" in (twin_site / "dashboard.html").read_text(encoding="utf-8")


def test_every_page_says_which_release_it_shows_and_where_its_data_comes_from(twin_pages: list[Page], tmp_path: Path):
    stamp = Stamp("000007-20261126T020000Z-9c132a61", datetime(2026, 11, 6, 2, 0, tzinfo=UTC))
    for path in site.write_pages(twin_pages[:2], tmp_path, stamp=stamp, origin="These are made-up videos."):
        if path.suffix == ".html":
            text = path.read_text(encoding="utf-8")
            assert "Release 000007-20261126T020000Z-9c132a61, staged 6 November 2026, 02:00 UTC." in text
            assert "These are made-up videos." in text


def test_the_first_screen_is_three_findings_a_recommendation_how_sure_and_the_backlog(twin_pages: list[Page]):
    summary = twin_pages[0].summary
    starts = ("Recommendation: ", "How sure: ", "Backlog: ")
    assert len(summary) <= 6
    assert all(line.startswith(start) for line, start in zip(summary[-3:], starts, strict=True))


def test_every_chart_is_a_figure_with_a_title_and_a_text(twin_site: Path):
    for name in PAGES:
        outline = Outline((twin_site / f"{name}.html").read_text(encoding="utf-8"))
        assert outline.tags.count("svg") == outline.tags.count("figure") == outline.tags.count("figcaption")
        titles = re.findall(r"<figcaption>(.*?)</figcaption>", (twin_site / f"{name}.html").read_text(encoding="utf-8"))
        assert [svg["aria-label"] for svg in outline.all("svg")] == [unescape(title) for title in titles]
        assert all(svg.get("role") == "img" and svg.get("aria-label") for svg in outline.all("svg"))
        ids = [attributes["id"] for _, attributes in outline.attributes if "id" in attributes]
        assert len(ids) == len(set(ids)), name


def test_no_label_of_a_chart_is_cut_off(twin_site: Path):
    for path in twin_site.glob("*.html"):
        for svg in re.findall(r"<svg.*?</svg>", path.read_text(encoding="utf-8"), flags=re.DOTALL):
            width = float(re.findall(r'viewBox="0 0 ([\d.]+)', svg)[0])
            for text in placed_texts(svg):
                assert -0.5 <= text.left <= text.right <= width + 0.5, (path.name, text)


def test_every_bar_leads_to_videos_of_it(twin_site: Path):
    """Under every choice of accounts, and no more than two of each kind."""
    text = (twin_site / "dashboard.html").read_text(encoding="utf-8")
    rows = re.findall(r'<tr data-verified="([^"]*)" data-author="([^"]*)" data-bars="([^"]*)"', text)
    choices = re.findall(
        r'<div class="variant" data-verified="([^"]*)" data-author="([^"]*)"(.*?)(?=<div class="variant"|</section>)',
        text,
        flags=re.DOTALL,
    )
    assert len(choices) > 1
    for verified, author, charts in choices:
        chosen = [bars.split() for one, other, bars in rows if verified in {"all", one} and author in {"all", other}]
        for bar in set(re.findall(r'data-bar="([^"]*)"', charts)):
            assert f'<option value="{bar}">' in text
            assert 1 <= sum(bar in bars for bars in chosen) <= 2 * 6, bar


def test_the_site_is_small(twin_site: Path):
    assert sum(path.stat().st_size for path in twin_site.glob("*.html")) < 3_000_000


def test_the_same_rows_give_the_same_bytes(twin_data: Data, tmp_path: Path):
    # Two pages draw every form of chart but the filters' copies.
    small = {**twin_data, "all_statuses": [], "bins": twin_data["bins"][:200]}
    for folder in ("first", "second"):
        site.write_pages(site.build_pages(small, None, 3.0), tmp_path / folder)
    for path in (tmp_path / "first").glob("*.html"):
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes(), path.name


def test_a_changed_cell_changes_the_sentence(built_warehouse: Settings, tmp_path: Path):
    before = shutil.copy(built_warehouse.current / "claims.duckdb", tmp_path / "before.duckdb")
    after = shutil.copy(before, tmp_path / "claims.duckdb")
    after.chmod(0o644)
    with duckdb.connect(str(after)) as connection:
        connection.execute(
            "update marts.agg_videos_by_claim_status set video_count = 123456 where claim_status = 'claim'"
        )
        connection.execute("update quality.audit_results set is_successful = false where expectation_number = 1")
    with duckdb.connect(str(before), read_only=True) as connection:
        old = queries.load(DuckDBEngine(connection))
    with duckdb.connect(str(after), read_only=True) as connection:
        new = queries.load(DuckDBEngine(connection))
    assert not any("123,456" in sentence for sentence in say_overview.findings(old))
    assert any("123,456 make a claim" in sentence for sentence in say_overview.findings(new))
    assert any("123,456 now" in sentence for sentence in say_overview.changes(new, old))
    assert any("failed" in sentence for sentence in say_overview.health(new))


def test_what_people_wrote_is_shown_and_never_run(twin_data: Data, tmp_path: Path):
    attack = '<script>alert("x")</script>'
    data = {
        **twin_data,
        "queue": [{**row, "author_ban_status": attack} for row in twin_data["queue"]],
        "reconciliation": [{**row, "delivery_file_name": attack} for row in twin_data["reconciliation"]],
        "author_statuses": [{**row, "author_ban_status": attack} for row in twin_data["author_statuses"]],
        "all_statuses": [{**row, "author_ban_status": attack} for row in twin_data["all_statuses"][:2]],
    }
    site.write_pages(site.build_pages(data, None, 3.0), tmp_path)
    for path in tmp_path.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert attack not in text
        assert text.count("<script>") <= 1
    assert "&lt;script&gt;alert" in (tmp_path / "queue.html").read_text(encoding="utf-8")


def test_every_column_of_the_videos_has_its_use():
    delivered = {column.name for column in contract.columns("stg_tiktok__videos") if "delivery_" not in column.name}
    assert all(column_uses.use(name, []) for name in delivered)
    assert set(data_page.REASONS) == set(data_page.derived())


def without_verified(data: Data) -> Data:
    """The same tables as of a delivery in which nobody is verified and from which nothing could be learned."""
    kept = {name: [row for row in rows if row.get("verified_status") != "verified"] for name, rows in data.items()}
    statistics = with_sentences(
        [
            {
                **row,
                **dict.fromkeys(
                    ("estimate", "log_odds", "lower_bound", "upper_bound", "p_value", "statistic", "degrees_of_freedom")
                ),
                "verdict": "not_testable" if row["result_number"] == 1 else None,
                "reason": "group_empty",
            }
            for row in data["statistics"]
        ]
    )
    empty = (
        "ranking",
        "assumptions",
        "regression_performance",
        "regression_calibration",
        "model_runs",
        "model_metrics",
        "model_comparisons",
        "model_calibration",
        "feature_importance",
        "robustness",
        "coverage",
    )
    return {**kept, "statistics": statistics, **{name: [] for name in empty}}


def test_pages_stay_true_where_results_are_missing(twin_data: Data, tmp_path: Path):
    pages = {page.name: page for page in site.build_pages(without_verified(twin_data), None, 3.0)}
    site.write_pages(list(pages.values()), tmp_path)
    assert "cannot be compared" in pages["verified"].summary[0]
    assert "could not be fitted" in pages["verified"].summary[2]
    assert pages["model"].summary[0] == "No model has been trained on this data."
    assert "not been measured" in pages["queue"].summary[0]
    assert "Only one of the two verified statuses" in pages["dashboard"].summary[5]
    texts = [path.read_text(encoding="utf-8") for path in tmp_path.glob("*.html")]
    assert not any(re.search(r"\bnan\b|\bNone\b|not known to not known", text) for text in texts)


def test_pages_stay_whole_without_any_row(tmp_path: Path):
    pages = site.build_pages({name: [] for name in queries.QUERIES}, None, 3.0)
    written = site.write_pages(pages, tmp_path)
    assert sum(path.suffix == ".html" for path in written) == 2 * len(PAGES)
    assert "The warehouse holds no videos." in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_no_number_is_typed_into_templates_or_sentences():
    """Digits may stand in code (thresholds, formats, sizes), not in what a reader sees."""
    for path in [*(ROOT / "reports" / "templates").glob("*.html"), *(ROOT / "web").glob("*.html")]:
        shown = re.sub(r"{%.*?%}|{{.*?}}|<[^>]*>", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(r"\d", shown), path.name
    for room in ("reports/pages", "wording"):
        for path in (ROOT / room).glob("*.py"):
            for text in shown_strings(ast.parse(path.read_text(encoding="utf-8"))):
                assert not re.search(r"(?<![\w-])\d", re.sub("<[^>]*>", "", text)), (path.name, text)


def shown_strings(tree: ast.AST) -> list[str]:
    """Text constants with a space in them, docstrings apart: what can reach a reader."""
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and " " in node.value
        and id(node) not in documented
    ]


@pytest.mark.parametrize("name", ["proposal", "pace"])
def test_documents_hold_no_findings(name: str):
    assert not re.search(r"\d", (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_two_hundred_videos_without_a_verified_account_make_a_true_report(tmp_path: Path):
    from pipeline.job.runner import main_job, run_steps
    from pipeline.landing.synthetic import write_synthetic

    csv = tmp_path / "small.csv"
    write_synthetic(csv, 200, 7)
    csv.write_text(re.sub(r",verified,", ",not verified,", csv.read_text(encoding="utf-8")), encoding="utf-8")
    settings = Settings(home=tmp_path / "var")
    run_steps(settings, main_job([csv]), lambda _: lambda _: None, lambda _: None)
    page = (settings.current / "report" / "verified.html").read_text(encoding="utf-8")
    assert "cannot be compared" in page
    assert not re.search(r"\bnan\b|\bNone\b", page)
