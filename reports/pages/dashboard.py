"""The dashboard: claims against opinions."""

from collections import defaultdict
from collections.abc import Sequence

from reports import charts, numbers
from reports.content import Data, Figure, Filtered, Grid, Page, Row, Section, Table, Text, Variant
from reports.sentences import dashboard as say

COUNTS = ("views", "likes", "shares", "downloads", "comments")
CLASSES = ("claim", "opinion")


def build(data: Data) -> Page:
    """Lay the dashboard out."""
    statuses, authors, verified = data["claim_statuses"], data["author_statuses"], data["verified_statuses"]
    return Page(
        "dashboard",
        "Dashboard",
        "Claims against opinions",
        "Executive summary",
        say.summary(statuses, data["quantiles"], authors, verified),
        [
            Section(
                "How many claims and opinions there are", [Grid([_status_figure(statuses), _author_figure(authors)])]
            ),
            Section("How far claims and opinions spread", [*_filtered(data), _bin_table(data["bins"])]),
            Section(
                "Who posts claims",
                [
                    Grid([_verified_figure(verified), _claim_author_figure(authors), _views_figure(authors)]),
                    _cross_table(data["all_statuses"]),
                ],
            ),
            Section(
                "How the numbers are spread within each class",
                [Text([HOW_TO_READ]), Grid(_histograms(data)), Grid(_boxes(data))],
            ),
            Section(
                "What goes together",
                [
                    Grid(_grid_figure(data["grid"])),
                    Text([say.mixing_note(data["correlations"])]),
                    Grid(_correlations(data["correlations"])),
                ],
            ),
        ],
    )


HOW_TO_READ = (
    "Counts run over very wide ranges, so their axes grow by factors of ten. In a box plot the box holds the middle"
    " half of the videos, the white line is the typical (median) one, the whiskers reach to the lowest and highest"
    " twentieth, and the dots are the smallest and the largest value."
)


def _status_figure(rows: list[Row]) -> Figure:
    values = [(row["claim_status"], row["video_count"], numbers.count(row["video_count"])) for row in rows]
    return Figure(
        say.balance(rows),
        charts.bars(values, "videos", "statuses", "Bars: videos by claim status"),
        say.status_counts(rows),
        Table(
            "Videos by claim status",
            ["Claim status", "Videos", "Share of all"],
            [
                [row["claim_status"], numbers.count(row["video_count"]), numbers.share(row["video_share"])]
                for row in rows
            ],
        ),
    )


def _author_figure(rows: list[Row]) -> Figure:
    ordered = sorted(rows, key=lambda row: -row["video_count"])
    values = [(row["author_ban_status"], row["video_count"], numbers.count(row["video_count"])) for row in ordered]
    largest = ordered[0] if ordered else None
    title = (
        f"Most videos come from authors who are {largest['author_ban_status']}: {numbers.share(largest['video_share'])}"
        if largest and largest["video_share"] > 0.5
        else "No author status holds more than half of the videos"
    )
    parts = [f"{numbers.count(row['video_count'])} {row['author_ban_status']}" for row in ordered]
    return Figure(
        title,
        charts.bars(values, "videos", "authors", "Bars: videos by author status"),
        f"Videos by the status of their author: {numbers.listing(parts)}.",
        Table(
            "Videos by author status",
            ["Author status", "Videos", "Share of all"],
            [
                [row["author_ban_status"], numbers.count(row["video_count"]), numbers.share(row["video_share"])]
                for row in ordered
            ],
        ),
    )


def _stacked_by(rows: list[Row], column: str, key: str, title: str) -> Figure:
    names = [row[column] for row in rows]
    series = {"claim": [row["claim_count"] for row in rows], "opinion": [row["opinion_count"] for row in rows]}
    parts = [
        f"{row[column]}: {numbers.count(row['claim_count'])} claims and {numbers.count(row['opinion_count'])} opinions"
        for row in rows
    ]
    return Figure(
        title,
        charts.stacked_bars(names, series, "labelled videos", key, f"Stacked bars: claims and opinions by {column}"),
        f"{'; '.join(parts)}.".capitalize(),
        Table(
            title,
            ["Status", "Claims", "Opinions", "Share of claims"],
            [
                [
                    row[column],
                    numbers.count(row["claim_count"]),
                    numbers.count(row["opinion_count"]),
                    numbers.share(row["claim_share"]),
                ]
                for row in rows
            ],
        ),
    )


def _verified_figure(rows: list[Row]) -> Figure:
    return _stacked_by(rows, "verified_status", "by-verified", say.verified_finding(rows))


def _claim_author_figure(rows: list[Row]) -> Figure:
    return _stacked_by(rows, "author_ban_status", "by-author", say.author_finding(rows))


def _views_figure(rows: list[Row]) -> Figure:
    ordered = sorted(rows, key=lambda row: -(row["median_views"] or 0))
    values = [
        (row["author_ban_status"], row["median_views"] or 0, numbers.quantity(row["median_views"])) for row in ordered
    ]
    return Figure(
        say.author_views_finding(rows),
        charts.bars(values, "median views per video", "median-views", "Bars: median views by author status"),
        "The median is the middle video: half have more views, half have fewer.",
        Table(
            "Views by author status",
            ["Author status", "Median views", "Mean views", "Videos"],
            [
                [
                    row["author_ban_status"],
                    numbers.quantity(row["median_views"]),
                    numbers.quantity(row["mean_views"]),
                    numbers.count(row["video_count"]),
                ]
                for row in ordered
            ],
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
        )
    ]


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
    total = Figure(
        f"{numbers.count(totals['claim'])} claims and {numbers.count(totals['opinion'])} opinions",
        charts.stacked_bars(
            ["total"],
            {name: [value] for name, value in totals.items()},
            "videos",
            f"{key}-total",
            f"Stacked bar: claims and opinions in total; {label}",
        ),
        f"{numbers.share(totals['claim'] / sum(totals.values()))} of these labelled videos are claims.",
    )
    return Variant(verified, author, label, [total, *(_bin_figure(metric, bins, key, label) for metric in COUNTS)])


def _bin_figure(metric: str, bins: list[Row], key: str, label: str) -> Figure:
    names, series = _binned(metric, bins)
    if not names:
        return Figure(
            f"No {metric} have been counted", charts.stacked_bars([], {}, "videos", f"{key}-{metric}", "Empty"), label
        )
    middle = _largest(names, series["claim"]), _largest(names, series["opinion"])
    return Figure(
        say.bin_finding(metric, bins),
        charts.stacked_bars(names, series, "videos", f"{key}-{metric}", f"Stacked bars: videos by {metric}; {label}"),
        f"Videos by number of {metric}. Most claims have {middle[0]}; most opinions have {middle[1]}.",
    )


def _binned(metric: str, bins: list[Row]) -> tuple[list[str], dict[str, list[float]]]:
    labels: dict[int, str] = {}
    counts: dict[str, defaultdict[int, int]] = {name: defaultdict(int) for name in CLASSES}
    for row in bins:
        if row["metric"] == metric:
            labels[row["bin_number"]] = row["bin_label"]
            counts[row["claim_status"]][row["bin_number"]] += row["video_count"]
    numbers_of_bins = sorted(labels)
    return [labels[number] for number in numbers_of_bins], {
        name: [counts[name][number] for number in numbers_of_bins] for name in CLASSES
    }


def _largest(names: Sequence[str], values: Sequence[float]) -> str:
    return names[max(range(len(values)), key=values.__getitem__)] if any(values) else "no videos at all"


def _bin_table(bins: list[Row]) -> Table:
    counts: dict[tuple[str, int, str, str, str], dict[str, int]] = {}
    for row in bins:
        place = (row["metric"], row["bin_number"], row["bin_label"], row["verified_status"], row["author_ban_status"])
        counts.setdefault(place, {})[row["claim_status"]] = row["video_count"]
    ordered = sorted(counts, key=lambda place: (COUNTS.index(place[0]), *place[1:]))
    return Table(
        "Videos by range, verified status and author status",
        ["Metric", "Range", "Verified status", "Author status", "Claims", "Opinions"],
        [
            [
                metric,
                label,
                verified,
                author,
                *(numbers.count(counts[metric, bin_number, label, verified, author].get(name, 0)) for name in CLASSES),
            ]
            for metric, bin_number, label, verified, author in ordered
        ],
        [(place[3], place[4]) for place in ordered],
        is_folded=True,
    )


def _cross_table(rows: list[Row]) -> Table:
    return Table(
        "Videos by claim, verified and author status",
        ["Claim status", "Verified status", "Author status", "Videos", "Share of all", "Median views"],
        [
            [
                row["claim_status"],
                row["verified_status"],
                row["author_ban_status"],
                numbers.count(row["video_count"]),
                numbers.share(row["video_share"]),
                numbers.quantity(row["median_views"]),
            ]
            for row in rows
        ],
        [(row["verified_status"], row["author_ban_status"]) for row in rows],
    )


def _histograms(data: Data) -> list[Figure]:
    figures = []
    for metric in ("duration", *COUNTS):
        rows = [row for row in data["histograms"] if row["metric"] == metric and row["claim_status"] in CLASSES]
        if not rows:
            continue
        edges = {
            name: [
                (row["lower_bound"], row["upper_bound"], row["video_count"])
                for row in rows
                if row["claim_status"] == name
            ]
            for name in CLASSES
        }
        edges = {name: bins for name, bins in edges.items() if bins}
        unit = say.METRIC_WORDS[metric]
        figures.append(
            Figure(
                say.overlap_finding(metric, data["histograms"]),
                charts.histogram(
                    edges,
                    unit,
                    f"hist-{metric}",
                    f"Histogram of {unit} for claims and opinions",
                    is_log=metric != "duration",
                ),
                _spread_sentence(metric, data["quantiles"]),
                Table(
                    f"Videos by {unit}",
                    ["From", "To", "Claim status", "Videos"],
                    [
                        [
                            numbers.count(row["lower_bound"]),
                            numbers.count(row["upper_bound"]),
                            row["claim_status"],
                            numbers.count(row["video_count"]),
                        ]
                        for row in rows
                    ],
                ),
            )
        )
    return figures


def _spread_sentence(metric: str, quantiles: list[Row]) -> str:
    parts = [
        f"the middle half of {row['claim_status']}s lies between {numbers.quantity(row['percentile_25'])} and "
        f"{numbers.quantity(row['percentile_75'])}"
        for row in quantiles
        if row["metric"] == metric and row["claim_status"] in CLASSES
    ]
    sentence = numbers.listing(parts)
    return f"{sentence[:1].upper()}{sentence[1:]} {say.METRIC_WORDS[metric]}."


def _boxes(data: Data) -> list[Figure]:
    figures = []
    for metric in ("duration", *COUNTS):
        rows = [row for row in data["quantiles"] if row["metric"] == metric and row["claim_status"] in CLASSES]
        if not rows:
            continue
        unit = say.METRIC_WORDS[metric]
        columns = ("minimum", "percentile_5", "percentile_25", "median", "percentile_75", "percentile_95", "maximum")
        boxes = [charts.Box(row["claim_status"], *(row[column] for column in columns)) for row in rows]
        figures.append(
            Figure(
                say.typical(metric, data["quantiles"]),
                charts.box_plots(
                    boxes,
                    unit,
                    f"box-{metric}",
                    f"Box plots of {unit} for claims and opinions",
                    is_log=metric != "duration",
                ),
                _range_sentence(rows, unit),
                Table(
                    f"Spread of {unit}",
                    [
                        "Claim status",
                        "Smallest",
                        "Lowest twentieth",
                        "Lower quarter",
                        "Median",
                        "Upper quarter",
                        "Highest twentieth",
                        "Largest",
                        "Mean",
                        "Videos",
                    ],
                    [
                        [
                            row["claim_status"],
                            *(numbers.quantity(row[column]) for column in (*columns, "mean")),
                            numbers.count(row["video_count"]),
                        ]
                        for row in rows
                    ],
                ),
            )
        )
    return figures


def _range_sentence(rows: list[Row], unit: str) -> str:
    parts = [
        f"{row['claim_status']}s run from {numbers.quantity(row['minimum'])} to {numbers.quantity(row['maximum'])}"
        for row in rows
    ]
    sentence = numbers.listing(parts)
    return f"{sentence[:1].upper()}{sentence[1:]} {unit}."


def _grid_figure(rows: list[Row]) -> list[Figure]:
    cells = {
        name: [
            (
                (row["view_lower_bound"] + row["view_upper_bound"]) / 2,
                (row["like_lower_bound"] + row["like_upper_bound"]) / 2,
                row["video_count"],
            )
            for row in rows
            if row["claim_status"] == name
        ]
        for name in CLASSES
    }
    cells = {name: marks for name, marks in cells.items() if marks}
    if not cells:
        return []
    top = {name: max(row["view_upper_bound"] for row in rows if row["claim_status"] == name) for name in cells}
    parts = [f"{name}s reach up to about {numbers.count(views)} views" for name, views in top.items()]
    title = (
        "Claims and opinions lie apart in views and likes"
        if len(top) == 2 and top["claim"] > 10 * top["opinion"]
        else (
            "Claims and opinions overlap in views and likes"
            if len(top) == 2
            else f"Only {next(iter(top))}s have views and likes"
        )
    )
    return [
        Figure(
            title,
            charts.bubbles(
                cells, ("views", "likes"), "view-like", "Marks: views against likes, larger where more videos are"
            ),
            "Each mark stands for the videos of one small range; a larger mark holds more."
            f" {numbers.listing(parts).capitalize()}.",
            Table(
                "Videos by views and likes",
                ["Claim status", "Views", "Likes", "Videos"],
                [
                    [
                        row["claim_status"],
                        f"{numbers.count(row['view_lower_bound'])} to {numbers.count(row['view_upper_bound'])}",
                        f"{numbers.count(row['like_lower_bound'])} to {numbers.count(row['like_upper_bound'])}",
                        numbers.count(row["video_count"]),
                    ]
                    for row in rows
                ],
            ),
        )
    ]


def _correlations(rows: list[Row]) -> list[Figure]:
    figures = []
    names = ("duration", *COUNTS)
    for scope in ("all", *CLASSES):
        found = {
            (row["first_metric"], row["second_metric"]): row["coefficient"]
            for row in rows
            if row["claim_scope"] == scope
        }
        if not found:
            continue
        values = [[found.get((first, second)) for second in names] for first in names]
        title = say.correlation_finding(scope, rows)
        figures.append(
            Figure(
                title,
                charts.matrix(names, values, f"corr-{scope}", f"Table of correlations, shaded by size: {scope}"),
                "One means that two numbers rise together in a straight line; zero means no such line.",
                Table(
                    title,
                    ["Metric", *names],
                    [
                        [first, *(numbers.decimal(value) for value in row)]
                        for first, row in zip(names, values, strict=True)
                    ],
                ),
            )
        )
    return figures
