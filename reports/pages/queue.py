"""The page on the review queue: what an order covers, what it saves, and what stands on top."""

from reports import charts, numbers
from reports.content import Block, Bullets, Calculator, Capacity, Data, Figure, Page, Row, Section, Table, Text
from reports.sentences import queue as say


def build(data: Data, minutes_per_review: float) -> Page:
    """Lay the page out.

    Args:
        data: Rows of every query.
        minutes_per_review: The assumption that the page begins with; readers choose their own.
    """
    coverage = data["coverage"]
    return Page(
        "queue",
        "Review queue",
        "What to review first",
        "Executive summary",
        say.summary(coverage, data["predictions"], minutes_per_review),
        [
            Section("Choose your capacity", _calculator(coverage, minutes_per_review)),
            Section("What each order covers", _curves(coverage)),
            Section("What is on top", _top(data["queue"])),
            Section("How many videos wait for a person", [_decisions(data["predictions"])]),
        ],
    )


HOW_RANKED = (
    "Priority is the chance that a video is a claim, times the views it has, times a weight for the state of the"
    " author’s account, plus a little for each delivery it has waited."
)


def _calculator(coverage: list[Row], minutes: float) -> list[Block]:
    capacities = []
    for capacity in say.capacities(coverage):
        row = say.at(coverage, say.OURS, capacity)
        if row is None:
            continue
        videos = round(capacity * row["video_count"])
        arrival = round(
            say.capacity_needed(say.curve(coverage, say.ARRIVAL), row["claim_view_share"]) * row["video_count"]
        )
        label = f"{numbers.share(capacity)} ({numbers.count(videos)} videos)"
        capacities.append(Capacity(f"{capacity:g}", label, say.covered(coverage, capacity), videos, arrival))
    if not capacities:
        return [Text(["Capacities can be chosen once the order has been measured."])]
    usual = say.usual(coverage)
    capacities.sort(key=lambda entry: (entry.value != f"{usual:g}", float(entry.value)))
    hours = [
        [
            entry.label,
            numbers.count(entry.video_count * minutes / 60),
            numbers.count(entry.first_come_video_count * minutes / 60),
            numbers.count(max(0, entry.first_come_video_count - entry.video_count) * minutes / 60),
            entry.sentence,
        ]
        for entry in sorted(capacities, key=lambda entry: float(entry.value))
    ]
    return [
        Calculator(capacities, minutes),
        Table(
            f"Hours of review at {numbers.quantity(minutes)} minutes per video, for the same views of claims",
            ["Capacity", "Hours in our order", "Hours in order of arrival", "Hours saved", "What is covered"],
            hours,
            is_folded=True,
        ),
    ]


def _curves(coverage: list[Row]) -> list[Block]:
    policies = list(dict.fromkeys(row["policy"] for row in coverage))
    series = [
        charts.Line(say.policy_text(policy), [(0.0, 0.0), *points])
        for policy in policies
        if policy
        in {
            say.ARRIVAL,
            say.VIEWS,
            "metadata_probability",
            "transcript_probability",
            "probability",
            say.OURS,
            say.ORACLE,
        }
        and (points := say.curve(coverage, policy))
    ]
    if not series:
        return [Text(["No order has been measured on this data."])]
    usual = say.usual(coverage)
    sentences = [row["sentence"] for row in coverage if row["capacity_share"] == usual]
    return [
        Figure(
            say.gain(coverage).removesuffix("."),
            charts.lines(
                series,
                ("share of the videos reviewed", "share of the views of claims"),
                "coverage",
                "Lines: coverage by order",
            ),
            "Each line is one order of review: the higher it runs, the more views of claims are seen early.",
            Table(
                "Coverage by order and capacity",
                [
                    "Order",
                    "Capacity",
                    "Claims found",
                    "Views of claims",
                    "From",
                    "To",
                    "Gain over the simple order",
                    "From",
                    "To",
                ],
                [
                    [
                        say.policy_text(row["policy"]),
                        numbers.share(row["capacity_share"]),
                        numbers.share(row["claim_share"]),
                        numbers.share(row["claim_view_share"]),
                        numbers.share(row["claim_view_share_lower_bound"]),
                        numbers.share(row["claim_view_share_upper_bound"]),
                        numbers.decimal(row["claim_view_gain"], 3),
                        numbers.decimal(row["claim_view_gain_lower_bound"], 3),
                        numbers.decimal(row["claim_view_gain_upper_bound"], 3),
                    ]
                    for row in coverage
                ],
            ),
        ),
        *([Bullets(sentences)] if sentences else []),
    ]


def _top(rows: list[Row]) -> list[Block]:
    return [
        Text([HOW_RANKED]),
        Table(
            "The first videos of the queue",
            ["Place", "Video", "Chance of a claim", "Views", "Author status", "Verified status", "Label", "Why here"],
            [
                [
                    numbers.count(row["queue_rank"]),
                    str(row["video_id"]),
                    numbers.share(row["claim_probability"]),
                    numbers.count(row["video_view_count"]),
                    row["author_ban_status"],
                    row["verified_status"],
                    row["claim_status"] or "none",
                    row["reason"],
                ]
                for row in rows
            ],
        ),
    ]


def _decisions(rows: list[Row]) -> Table:
    return Table(
        "Decisions by what the score rests on",
        ["What is known", "Decision", "Videos"],
        [[row["feature_set"], row["decision"].replace("_", " "), numbers.count(row["video_count"])] for row in rows],
    )
