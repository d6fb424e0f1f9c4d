"""The dashboard: claims against opinions."""

from collections import defaultdict
from collections.abc import Sequence

from reports import charts
from reports.content import (
    Figure,
    Filtered,
    Format,
    Grid,
    Page,
    Section,
    Table,
    Text,
    Variant,
    figure,
    number,
    slug,
    text,
)
from reports.svg import BAR
from warehouse import contract
from wording import claims_and_opinions as say
from wording import numbers
from wording.names import column, noun
from wording.numbers import quantity, share
from wording.rows import Data, Row

BY_RANGE = "Videos by range, verified status and author status"
BY_STATUS = "Videos by claim, verified and author status"
COUNTS = tuple(contract.counts())
METRICS = tuple(contract.metrics())
CLASSES = ("claim", "opinion")
SPREAD = (
    number("Smallest", "minimum", quantity),
    number("Lowest twentieth", "percentile_5", quantity),
    number("Lower quarter", "percentile_25", quantity),
    number("Median", "median", quantity),
    number("Upper quarter", "percentile_75", quantity),
    number("Highest twentieth", "percentile_95", quantity),
    number("Largest", "maximum", quantity),
)


def build(data: Data) -> Page:
    """Lay the dashboard out."""
    statuses, authors, verified = data["claim_statuses"], data["author_statuses"], data["verified_statuses"]
    return Page(
        name="dashboard",
        label="Dashboard",
        title="Claims against opinions",
        summary_heading="Executive summary",
        summary=say.summary(statuses, data["quantiles"], authors, verified),
        sections=[
            Section(
                "How many claims and opinions there are",
                [Grid([_status_figure(statuses), _author_figure(authors)])],
                "counts",
            ),
            Section("How far claims and opinions spread", _filtered(data), "spread"),
            Section(
                "Who posts claims",
                [
                    Grid(
                        [
                            _stacked_by(
                                "by-verified", say.title(say.verified_finding(verified)), "verified_status", verified
                            ),
                            _stacked_by(
                                "by-author", say.title(say.author_finding(authors)), "author_ban_status", authors
                            ),
                            _views_figure(authors),
                        ]
                    ),
                ],
                "who",
            ),
            Section("What goes together", [Grid(_grid_figure(data["grid"]))], "together"),
        ],
        appendix=[
            Section("Every count by range and status", [_bin_table(data["bins"]), _cross_table(data["all_statuses"])]),
            Section("Histograms", [Text([WIDE_AXES]), Grid(_histograms(data))]),
            Section("Box plots", [Text([HOW_TO_READ]), Grid(_boxes(data))]),
            Section(
                "Correlations",
                [
                    Text([say.mixing_note(data["correlations"]), ONE_AND_ZERO]),
                    Grid(_correlations(data["correlations"])),
                ],
            ),
        ],
    )


WIDE_AXES = "Axes of counts grow by factors of ten, since counts can run over wide ranges."
HOW_TO_READ = (
    "A box holds the middle half of the videos, the white line is the typical (median) one, the whiskers reach to the"
    " lowest and highest twentieth, and the dots are the smallest and the largest value. Axes of counts grow by factors"
    " of ten."
)
ONE_AND_ZERO = "One means that two numbers rise together in a straight line; zero means no such line."


def _labelled(rows: list[Row], metric: str) -> list[Row]:
    return [row for row in rows if row["metric"] == metric and row["claim_status"] in CLASSES]


def counted_bars(
    rows: list[Row],
    name: str,
    value: str,
    format: Format = quantity,  # noqa: A002
) -> list[tuple[str, float, str]]:
    """Bars of a column of counts, named by another."""
    return [(row[name], row[value] or 0, format(row[value])) for row in rows]


def _status_figure(rows: list[Row]) -> Figure:
    columns = [text("Claim status", "claim_status"), number("Videos", "video_count")]
    return figure(
        "statuses",
        say.title(say.balance(rows)),
        charts.bars(counted_bars(rows, "claim_status", "video_count"), "videos"),
        table=Table("Videos by claim status", [*columns, number("Share of all", "video_share", share)], rows),
    )


def _author_figure(rows: list[Row]) -> Figure:
    ordered = sorted(rows, key=lambda row: -row["video_count"])
    largest = ordered[0] if ordered else None
    title = (
        f"Most videos come from authors who are {largest['author_ban_status']}: {share(largest['video_share'])}"
        if largest and largest["video_share"] > 0.5
        else "No author status holds more than half of the videos"
    )
    parts = [f"{numbers.count(row['video_count'])} {row['author_ban_status']}" for row in ordered]
    columns = [text("Author status", "author_ban_status"), number("Videos", "video_count")]
    return figure(
        "authors",
        title,
        charts.bars(counted_bars(ordered, "author_ban_status", "video_count"), "videos"),
        f"Videos by the status of their author: {numbers.listing(parts)}.",
        Table("Videos by author status", [*columns, number("Share of all", "video_share", share)], ordered),
    )


def _stacked_by(key: str, title: str, status: str, rows: list[Row]) -> Figure:
    """Shares as shares: every bar is as long as the others, whatever it counts."""
    known = [row for row in rows if row["claim_share"] is not None]
    series = {
        "claim": [row["claim_share"] for row in known],
        "opinion": [1 - row["claim_share"] for row in known],
    }
    parts = [
        f"{row[status]}: {numbers.count(row['claim_count'])} claims and {numbers.count(row['opinion_count'])} opinions"
        for row in rows
    ]
    columns = [text("Status", status), number("Claims", "claim_count"), number("Opinions", "opinion_count")]
    texts = [share(row["claim_share"]) for row in known]
    return figure(
        key,
        title,
        charts.stacked_bars(
            [row[status] for row in known], series, "share of the labelled videos; claims in figures", texts
        ),
        f"{'; '.join(parts)}.".capitalize(),
        Table(title, [*columns, number("Share of claims", "claim_share", share)], rows),
    )


def _views_figure(rows: list[Row]) -> Figure:
    ordered = sorted(rows, key=lambda row: -(row["median_views"] or 0))
    return figure(
        "median-views",
        say.author_views_finding(rows),
        charts.bars(counted_bars(ordered, "author_ban_status", "median_views"), "median views per video"),
        "The median is the middle video: half have more views, half have fewer.",
        Table(
            "Views by author status",
            [
                text("Author status", "author_ban_status"),
                number("Median views", "median_views", quantity),
                number("Mean views", "mean_views", quantity),
                number("Videos", "video_count"),
            ],
            ordered,
        ),
    )


def _filtered(data: Data) -> list[Filtered]:
    verified = sorted({row["verified_status"] for row in data["all_statuses"]})
    authors = sorted({row["author_ban_status"] for row in data["all_statuses"]})
    if not verified:
        return []
    variants = [
        _variant(data, chosen, author, f"{'all' if place == 0 else f'v{place}'}")
        for place, (chosen, author) in enumerate((v, a) for v in ("all", *verified) for a in ("all", *authors))
    ]
    return [
        Filtered(
            [("all", "all accounts"), *((value, value) for value in verified)],
            [("all", "every author status"), *((value, value) for value in authors)],
            variants,
            _bars(data["bins"]),
            _examples(data),
        )
    ]


def _bar(row: Row) -> str:
    """The name of a bar: that of its mark in the chart, in the choice of bars and on its videos."""
    return f"{row['metric']}-{row['bin_number']}-{row['claim_status']}"


def _bars(bins: list[Row]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, dict[str, str]] = {metric: {} for metric in COUNTS}
    for row in bins:
        if row["claim_status"] in CLASSES:
            words = f"{row['bin_label']} {row['metric']}, {row['claim_status']}s"
            found[row["metric"]].setdefault(_bar(row), words)
    return {metric: list(bars.items()) for metric, bars in found.items() if bars}


def _examples(data: Data) -> Table:
    bars: defaultdict[int, list[str]] = defaultdict(list)
    for row in data["bins"]:
        if row["claim_status"] in CLASSES:
            for video in {row["first_video_id"], row["last_video_id"]}:
                bars[video].append(_bar(row))
    counts = [number(metric.capitalize(), f"video_{metric.removesuffix('s')}_count") for metric in COUNTS]
    return Table(
        "Videos behind the bars: up to two of each bar for each kind of account",
        [
            text("Video", "video_id"),
            text("Claim status", "claim_status"),
            text("Verified status", "verified_status"),
            text("Author status", "author_ban_status"),
            number("Seconds", "video_duration_sec"),
            *counts,
        ],
        [{**row, "bars": " ".join(bars[row["video_id"]])} for row in data["examples"] if row["video_id"] in bars],
        is_filtered=True,
    )


def _variant(data: Data, verified: str, author: str, key: str) -> Variant:
    def is_chosen(row: Row) -> bool:
        return verified in {"all", row["verified_status"]} and author in {"all", row["author_ban_status"]}

    bins = [row for row in data["bins"] if is_chosen(row) and row["claim_status"] in CLASSES]
    who = "all accounts" if verified == "all" else f"accounts that are {verified}"
    label = f"Videos of {who}" + ("" if author == "all" else f" whose author is {author}")
    totals = dict.fromkeys(CLASSES, 0)
    for row in data["all_statuses"]:
        if is_chosen(row) and row["claim_status"] in totals:
            totals[row["claim_status"]] += row["video_count"]
    if not any(totals.values()):
        return Variant(verified, author, label, [], "No labelled video matches this choice.")
    total = figure(
        f"{key}-total",
        f"{numbers.count(totals['claim'])} claims and {numbers.count(totals['opinion'])} opinions",
        charts.stacked_bars(["total"], {name: [value] for name, value in totals.items()}, "videos"),
        f"{share(totals['claim'] / sum(totals.values()))} of these labelled videos are claims.",
        data=slug(BY_STATUS),
    )
    return Variant(verified, author, label, [total, *(_bin_figure(metric, bins, key, label) for metric in COUNTS)])


def _bin_figure(metric: str, bins: list[Row], key: str, label: str) -> Figure:
    names, series, marks = _binned(metric, bins)
    if not names:
        return figure(f"{key}-{metric}", f"No {metric} have been counted", charts.stacked_bars([], {}, "videos"), label)
    middle = _largest(names, series["claim"]), _largest(names, series["opinion"])
    return figure(
        f"{key}-{metric}",
        say.bin_finding(metric, bins),
        charts.stacked_bars(names, series, f"videos by number of {metric}", marks=marks),
        f"Most claims have {middle[0]} {metric}; most opinions have {middle[1]}.",
        data=slug(BY_RANGE),
    )


def _binned(metric: str, bins: list[Row]) -> tuple[list[str], dict[str, list[float]], list[str]]:
    """Labels of the bins, videos of each class in each, and the marks of the bars but for their class."""
    labels: dict[int, str] = {}
    counts: dict[str, defaultdict[int, int]] = {name: defaultdict(int) for name in CLASSES}
    for row in bins:
        if row["metric"] == metric:
            labels[row["bin_number"]] = row["bin_label"]
            counts[row["claim_status"]][row["bin_number"]] += row["video_count"]
    numbers_of_bins = sorted(labels)
    series: dict[str, list[float]] = {name: [counts[name][place] for place in numbers_of_bins] for name in CLASSES}
    return [labels[place] for place in numbers_of_bins], series, [f"{BAR}{metric}-{place}" for place in numbers_of_bins]


def _largest(names: Sequence[str], values: Sequence[float]) -> str:
    return names[max(range(len(values)), key=values.__getitem__)] if any(values) else "no videos at all"


def _bin_table(bins: list[Row]) -> Table:
    keys = ("metric", "bin_number", "bin_label", "verified_status", "author_ban_status")
    found: dict[tuple[object, ...], Row] = {}
    for row in bins:
        entry = found.setdefault(tuple(row[key] for key in keys), {key: row[key] for key in keys})
        entry[row["claim_status"]] = row["video_count"]
    return Table(
        BY_RANGE,
        [
            text("Metric", "metric"),
            text("Range", "bin_label"),
            text("Verified status", "verified_status"),
            text("Author status", "author_ban_status"),
            number("Claims", lambda row: row.get("claim", 0)),
            number("Opinions", lambda row: row.get("opinion", 0)),
        ],
        sorted(found.values(), key=lambda row: (COUNTS.index(row["metric"]), *(row[key] for key in keys[1:]))),
        is_filtered=True,
    )


def _cross_table(rows: list[Row]) -> Table:
    return Table(
        BY_STATUS,
        [
            text("Claim status", "claim_status"),
            text("Verified status", "verified_status"),
            text("Author status", "author_ban_status"),
            number("Videos", "video_count"),
            number("Share of all", "video_share", share),
            number("Median views", "median_views", quantity),
        ],
        rows,
        is_filtered=True,
    )


def _histograms(data: Data) -> list[Figure]:
    figures = []
    for metric in METRICS:
        rows = _labelled(data["histograms"], metric)
        if not rows:
            continue
        edges: dict[str, list[tuple[float, float, float]]] = {}
        for row in rows:
            edges.setdefault(row["claim_status"], []).append(
                (row["lower_bound"], row["upper_bound"], row["video_count"])
            )
        unit = noun(metric)
        columns = [number("From", "lower_bound"), number("To", "upper_bound"), text("Claim status", "claim_status")]
        figures.append(
            figure(
                f"hist-{metric}",
                say.overlap_finding(metric, data["histograms"]),
                charts.histogram(edges, unit, is_log=metric != "duration"),
                _spread_sentence(_labelled(data["quantiles"], metric), unit),
                Table(f"Videos by {column(metric)}", [*columns, number("Videos", "video_count")], rows),
            )
        )
    return figures


def _spread_sentence(rows: list[Row], unit: str) -> str:
    return _sentence(
        [
            f"the middle half of {row['claim_status']}s lies between {quantity(row['percentile_25'])} and"
            f" {quantity(row['percentile_75'])}"
            for row in rows
        ],
        unit,
    )


def _range_sentence(rows: list[Row], unit: str) -> str:
    return _sentence(
        [f"{row['claim_status']}s run from {quantity(row['minimum'])} to {quantity(row['maximum'])}" for row in rows],
        unit,
    )


def _sentence(parts: list[str], unit: str) -> str:
    joined = numbers.listing(parts)
    return f"{joined[:1].upper()}{joined[1:]} {unit}."


def _boxes(data: Data) -> list[Figure]:
    figures = []
    for metric in METRICS:
        rows = _labelled(data["quantiles"], metric)
        if not rows:
            continue
        unit = noun(metric)
        boxes = [charts.Box(row["claim_status"], *(part.of(row) for part in SPREAD)) for row in rows]
        more = [number("Mean", "mean", quantity), number("Videos", "video_count")]
        figures.append(
            figure(
                f"box-{metric}",
                say.title(say.typical(metric, data["quantiles"])),
                charts.box_plots(boxes, unit, is_log=metric != "duration"),
                _range_sentence(rows, unit),
                Table(f"Spread of {column(metric)}", [text("Claim status", "claim_status"), *SPREAD, *more], rows),
            )
        )
    return figures


def _grid_figure(rows: list[Row]) -> list[Figure]:
    cells: dict[str, list[tuple[float, float, float]]] = {}
    top: dict[str, float] = {}
    for name in CLASSES:
        for row in (row for row in rows if row["claim_status"] == name):
            across, up = (
                (row[f"{metric}_lower_bound"] + row[f"{metric}_upper_bound"]) / 2 for metric in ("view", "like")
            )
            cells.setdefault(name, []).append((across, up, row["video_count"]))
            top[name] = max(top.get(name, 0), row["view_upper_bound"])
    if not cells:
        return []
    parts = [f"{name}s reach up to about {numbers.count(views)} views" for name, views in top.items()]
    if len(top) == 1:
        title = f"Only {next(iter(top))}s have views and likes"
    else:
        are_apart = top["claim"] > 10 * top["opinion"]
        title = f"Claims and opinions {'lie apart' if are_apart else 'overlap'} in views and likes"
    return [
        figure(
            "view-like",
            title,
            charts.bubbles(cells, ("views", "likes")),
            f"{numbers.listing(parts).capitalize()}.",
            Table(
                "Videos by views and likes",
                [
                    text("Claim status", "claim_status"),
                    number("Views from", "view_lower_bound"),
                    number("Views to", "view_upper_bound"),
                    number("Likes from", "like_lower_bound"),
                    number("Likes to", "like_upper_bound"),
                    number("Videos", "video_count"),
                ],
                rows,
            ),
            reading="Each mark stands for the videos of one small range; a larger mark holds more.",
        )
    ]


def _correlations(rows: list[Row]) -> list[Figure]:
    figures = []
    names = METRICS
    for scope in ("all", *CLASSES):
        found = {
            (row["first_metric"], row["second_metric"]): row["coefficient"]
            for row in rows
            if row["claim_scope"] == scope
        }
        if not found:
            continue
        title = say.correlation_finding(scope, rows)
        lines: list[Row] = [
            {"metric": first, **{second: found.get((first, second)) for second in names}} for first in names
        ]
        figures.append(
            figure(
                f"corr-{scope}",
                title,
                charts.matrix(names, [[line[name] for name in names] for line in lines]),
                table=Table(
                    title,
                    [text("Metric", "metric"), *(number(name, name, numbers.decimal) for name in names)],
                    lines,
                ),
            )
        )
    return figures
